using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Tests.Data;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.Training;

public sealed partial class TrainingTelemetryTests : IDisposable
{
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities = new();
    private readonly Dictionary<string, string?> _units = [];
    private readonly List<(string Name, double Value, string Tags)> _measured = [];
    private readonly List<Activity> _stopped = [];

    public TrainingTelemetryTests()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != TrainingTelemetry.Name) return;
            _units[instrument.Name] = instrument.Unit;
            listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<double>((i, value, tags, _) => _measured.Add((i.Name, value, Text(tags))));
        _meters.SetMeasurementEventCallback<long>((i, value, tags, _) => _measured.Add((i.Name, value, Text(tags))));
        _meters.Start();
        _activities.ShouldListenTo = source => source.Name == TrainingTelemetry.Name;
        _activities.Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData;
        _activities.ActivityStopped = _stopped.Add;
        ActivitySource.AddActivityListener(_activities);
    }

    [Fact]
    public void Instruments_say_what_the_progress_says()
    {
        var told = new List<TrainingProgress>();
        TinyRun.Train(Method, options: TinyRun.Options with { ReportEverySteps = 2 }, progress: new Each(told.Add));

        // Nine steps of 16 images; a stage ends with a report, after six and nine of them.
        Assert.Equal([32, 32, 32, 32, 16], Values("images"));
        Assert.Equal(told.Select(p => p.Loss), Values("loss"));
        Assert.Equal(told.Select(p => p.ImagesPerSecond), Values("throughput"));
        Assert.Equal(told.Select(p => p.LearningRate), Values("learning_rate"));
        Assert.Equal(told.Select(p => p.Metrics.EmbeddingSpread), Values("embedding_spread"));
        Assert.Equal(told.Select(p => p.Metrics.EffectiveRank), Values("effective_rank"));
        Assert.Equal(told.Select(p => p.Metrics.GradientNorm), Values("gradient_norm"));
        Assert.Empty(Values("warnings"));
        Assert.Equal(["s3l.backbone=tiny s3l.method=simsiam s3l.resolution=8", "s3l.backbone=tiny s3l.method=simsiam s3l.resolution=16"],
            _measured.Select(m => m.Tags).Distinct());
    }

    [Fact]
    public void A_resumed_run_counts_its_own_images_only()
    {
        using var folder = new TemporaryFolder();
        TrainerOptions options = TinyRun.Options with { Checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1, Resume = true } };
        Assert.Equal(4, TinyRun.Train(Method, options: options with { StepLimit = 4 }).Steps);
        Assert.Equal(4 * 16, Values("images").Sum());
        Assert.Equal(9, TinyRun.Train(Method, options: options).Steps);
        Assert.Equal(4 * 16 + 6 * 16, Values("images").Sum());
    }

    [Fact]
    public void A_run_is_an_activity_with_one_for_each_stage()
    {
        TinyRun.Train(Method);

        Assert.Equal(["s3l.training.decode", "s3l.training.stage", "s3l.training.stage", "s3l.training.run"], _stopped.Select(a => a.OperationName));
        Activity run = _stopped[^1];
        Assert.All(_stopped[1..3], stage => Assert.Same(run, stage.Parent));
        Assert.Equal("s3l.images=48", Text(_stopped[0].TagObjects));
        Assert.Equal("s3l.backbone=tiny s3l.device=cpu s3l.images=48 s3l.method=simsiam s3l.schedule=8x2,16x1 s3l.steps=9", Text(run.TagObjects));
        Assert.Equal("s3l.batch_size=16 s3l.epochs=2 s3l.precision=Float32 s3l.resolution=8 s3l.stage=1", Text(_stopped[1].TagObjects));
        Assert.Equal("s3l.batch_size=16 s3l.epochs=1 s3l.precision=Float32 s3l.resolution=16 s3l.stage=2", Text(_stopped[2].TagObjects));
        Assert.Equal(ActivityStatusCode.Unset, run.Status);
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void Stages_that_keep_the_optimizer_are_activities_beside_each_other_also_in_a_resumed_run()
    {
        using var folder = new TemporaryFolder();
        ResolutionSchedule schedule = ResolutionSchedule.Parse("8x2:keep-optimizer,16x1:keep-optimizer");
        TrainerOptions options = TinyRun.Options with { Checkpoints = new CheckpointOptions(folder.Path) { Resume = true } };
        foreach ((int? limit, int[] stages) in (ReadOnlySpan<(int?, int[])>)[(7, [1, 2]), (null, [2])])
        {
            _stopped.Clear();
            using SimSiam method = Method(TinyBackbone.Create());
            new Trainer(options with { StepLimit = limit }).Run(method, TinyPictures.Create(), schedule);
            Activity run = _stopped[^1];
            Activity[] own = [.. _stopped.Where(a => a.OperationName == "s3l.training.stage")];
            Assert.All(own, a => Assert.Same(run, a.Parent));
            Assert.Equal(stages, own.Select(a => (int)a.GetTagItem("s3l.stage")!));
        }
    }

    [Fact]
    public void A_run_that_fails_says_so_and_its_warning_is_an_event_of_the_stage()
    {
        TrainerOptions options = TinyRun.Options with
        {
            LearningRate = 1e9,
            Guarding = new GuardOptions { Action = GuardAction.Stop },
        };
        TrainingFailedException failed = Assert.Throws<TrainingFailedException>(() => TinyRun.Train(Method, options: options));

        Activity run = _stopped[^1], stage = _stopped[^2];
        Assert.Equal((ActivityStatusCode.Error, failed.Message), (run.Status, run.StatusDescription));
        Assert.Equal("exception", Assert.Single(run.Events).Name);
        ActivityEvent warning = Assert.Single(stage.Events);
        Assert.Equal("s3l.warning", warning.Name);
        Assert.Equal($"message={failed.Warning.Message} s3l.failure=Divergence", Text(warning.Tags));
        (string _, double count, string tags) = Assert.Single(_measured, m => m.Name == "s3l.training.warnings");
        Assert.Equal((1, "s3l.backbone=tiny s3l.failure=Divergence s3l.method=simsiam s3l.resolution=8"), (count, tags));
    }

    [Fact]
    public void A_run_that_is_cancelled_has_not_failed()
    {
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
            TinyRun.Train(Method, progress: new Each(_ => source.Cancel()), cancellation: source.Token));

        Assert.Equal(("s3l.training.run", ActivityStatusCode.Unset), (_stopped[^1].OperationName, _stopped[^1].Status));
        Assert.Equal([16], Values("images"));
    }

    [Fact]
    public void The_page_lists_each_instrument_with_its_unit()
    {
        string page = File.ReadAllText(RepositoryFiles.PathTo("docs", "telemetry.md"));
        IEnumerable<(string, string?)> listed = Row().Matches(page).Select(m => (m.Groups[1].Value, (string?)m.Groups[2].Value));
        Assert.Equal(_units.Select(u => (u.Key, u.Value)).Order(), listed.Order());
    }

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
    }

    private static SimSiam Method(IBackbone backbone) => new(backbone, new SimSiamOptions { ProjectorWidth = 16, PredictorWidth = 8 });

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => Text(tags.ToArray().AsEnumerable());

    private static string Text(IEnumerable<KeyValuePair<string, object?>> tags) =>
        string.Join(' ', tags.Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal));

    private IEnumerable<double> Values(string name) => _measured.Where(m => m.Name == "s3l.training." + name).Select(m => m.Value);

    [GeneratedRegex(@"^\| `(s3l\.training\.\w+)` \| (?:counter|gauge) \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    private sealed class Each(Action<TrainingProgress> act) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => act(value);
    }
}
