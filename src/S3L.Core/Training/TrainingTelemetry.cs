using System.Diagnostics;
using System.Diagnostics.Metrics;
using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>
/// What runs tell listeners such as OpenTelemetry: a meter and an activity source, both called <see cref="Name"/>. docs/telemetry.md lists
/// instruments and activities. Values are those of <see cref="TrainingProgress"/>, so nothing waits for the device on their account.
/// </summary>
public static class TrainingTelemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "S3L.Core";

    private const string MethodTag = "s3l.method", BackboneTag = "s3l.backbone", ResolutionTag = "s3l.resolution", FailureTag = "s3l.failure";

    private static readonly string? Version = typeof(TrainingTelemetry).Assembly.GetName().Version?.ToString(3);
    private static readonly ActivitySource Source = new(Name, Version);
    private static readonly Meter Meter = new(Name, Version);

    private static readonly Counter<long> Images = Meter.CreateCounter<long>("s3l.training.images", "{image}",
        "Images trained on; each counts once per epoch, whatever its number of views.");
    private static readonly Counter<long> Warnings = Meter.CreateCounter<long>("s3l.training.warnings", "{warning}",
        "What the guard noticed, by failure.");
    private static readonly Gauge<double> Loss = Gauge("loss", "1", "Mean loss since the last report.");
    private static readonly Gauge<double> Throughput = Gauge("throughput", "{image}/s", "Images per second since the last report.");
    private static readonly Gauge<double> LearningRate = Gauge("learning_rate", "1", "Learning rate of the last step.");
    private static readonly Gauge<double> EmbeddingSpread = Gauge("embedding_spread", "1",
        "1 where unit embeddings lie evenly on the sphere, 0 where all are equal.");
    private static readonly Gauge<double> EffectiveRank = Gauge("effective_rank", "1", "In how many directions embeddings spread evenly.");
    private static readonly Gauge<double> GradientNorm = Gauge("gradient_norm", "1", "Length of the gradient of all trained parameters.");

    internal static Activity? StartDecoding(int images) =>
        Source.StartActivity("s3l.training.decode")?.SetTag("s3l.images", images);

    internal static Activity? StartRun(IContrastiveMethod method, int images, ResolutionSchedule schedule, torch.Device device) =>
        Source.StartActivity("s3l.training.run")?
            .SetTag(MethodTag, method.Name)
            .SetTag(BackboneTag, method.Backbone.Name)
            .SetTag("s3l.images", images)
            .SetTag("s3l.schedule", schedule.ToString())
            .SetTag("s3l.device", device.ToString());

    internal static Activity? StartStage(int number, ResolutionStage settings, int batchSize, Precision precision) =>
        Source.StartActivity("s3l.training.stage")?
            .SetTag("s3l.stage", number + 1)
            .SetTag(ResolutionTag, settings.Resolution)
            .SetTag("s3l.epochs", settings.Epochs)
            .SetTag("s3l.batch_size", batchSize)
            .SetTag("s3l.precision", precision.ToString());

    /// <param name="method">What is trained.</param>
    /// <param name="progress">What the listener of the run is told.</param>
    /// <param name="images">Images since the last report.</param>
    internal static void Report(IContrastiveMethod method, TrainingProgress progress, long images)
    {
        var tags = new TagList
        {
            { MethodTag, method.Name }, { BackboneTag, method.Backbone.Name }, { ResolutionTag, progress.Resolution },
        };
        Images.Add(images, tags);
        Loss.Record(progress.Loss, tags);
        Throughput.Record(progress.ImagesPerSecond, tags);
        LearningRate.Record(progress.LearningRate, tags);
        EmbeddingSpread.Record(progress.Metrics.EmbeddingSpread, tags);
        EffectiveRank.Record(progress.Metrics.EffectiveRank, tags);
        GradientNorm.Record(progress.Metrics.GradientNorm, tags);
        if (progress.Warning is not { } warning) return;
        string failure = warning.Failure.ToString();
        tags.Add(FailureTag, failure);
        Warnings.Add(1, tags);
        // Where nobody listens to ours, the current activity is somebody else's.
        if (Activity.Current is not { } current || current.Source != Source) return;
        current.AddEvent(new ActivityEvent("s3l.warning", tags: new() { [FailureTag] = failure, ["message"] = warning.Message }));
    }

    private static Gauge<double> Gauge(string name, string unit, string description) =>
        Meter.CreateGauge<double>("s3l.training." + name, unit, description);
}
