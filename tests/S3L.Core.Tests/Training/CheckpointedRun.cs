using Microsoft.Extensions.Logging;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Tests.Data;
using S3L.Core.Tests.Methods;
using S3L.Core.Training;

namespace S3L.Core.Tests.Training;

/// <summary>A run of twelve steps in two stages that can be ended after any of them, and gone on with by a method of other weights.</summary>
/// <param name="Create">A new method whose random weights, and torch's numbers from then on, follow from a seed.</param>
internal sealed record CheckpointedRun(Func<int, IContrastiveMethod> Create)
{
    /// <summary>Three steps an epoch, two epochs a stage.</summary>
    public const int Pictures = 50;

    public static readonly TrainerOptions Plain = new()
    {
        BatchSize = 16,
        LearningRate = 0.05,
        Precision = Precision.Float32,
        Threads = 1,
        Device = "cpu",
        // So that some checkpoints are written while losses wait for the next report, and before the first.
        ReportEverySteps = 4,
        // Networks of two channels look collapsed now and then, and no checkpoint is written of a run that does.
        Guarding = new GuardOptions { Action = GuardAction.Off },
    };

    public CheckpointedRun(string method) : this(seed => KnownMethods.CreateUnbegun(method, seed))
    {
    }

    public TrainerOptions Options { get; init; } = Plain;

    public ResolutionSchedule Schedule { get; init; } = ResolutionSchedule.Parse("16x2,24x2");

    public int PictureCount { get; init; } = Pictures;

    public IEpochProbe? Probe { get; init; }

    /// <summary>Runs to the end.</summary>
    /// <param name="checkpoints">Where the run is saved; null saves nothing.</param>
    /// <param name="seed">Of the weights that a run from its beginning has, and that a resumed one must forget.</param>
    /// <param name="logger">Told what Trainer says.</param>
    /// <param name="afterStep">Told each position after its step, before anything is reported or saved.</param>
    /// <param name="cancellation">Ends the run.</param>
    public Outcome Run(CheckpointOptions? checkpoints = null, int seed = 1, ILogger<Trainer>? logger = null,
        Action<TrainingPosition>? afterStep = null, CancellationToken cancellation = default)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var method = new Watched(Create(seed), afterStep);
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = PictureCount, Size = 24 });
        TrainingResult result = new Trainer(Options with { Checkpoints = checkpoints }, logger, Probe)
            .Run(method, pictures, Schedule, cancellation: cancellation);
        using torch.Generator generator = torch.Generator.Default;
        return new Outcome(method.State.state_dict().ToDictionary(t => t.Key, t => Bytes(t.Value)), Bytes(generator.get_state()), result);
    }

    /// <summary>Runs until the number of steps made since the beginning is <paramref name="steps"/>, and ends without saving that place.</summary>
    public void EndAfter(long steps, CheckpointOptions checkpoints, int seed = 1)
    {
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Run(checkpoints with { SaveWhenCancelled = false }, seed, afterStep: position =>
        {
            if (position.RunStep + 1 == steps) cancel.Cancel();
        }, cancellation: cancel.Token));
    }

    /// <summary>Ends the run after each of some numbers of steps, goes on with it each time, and at last to its end.</summary>
    public Outcome EndAndGoOn(CheckpointOptions checkpoints, params ReadOnlySpan<long> ends)
    {
        CheckpointOptions resuming = checkpoints with { Resume = true };
        int others = 1;
        foreach (long end in ends) EndAfter(end, resuming, Seed());
        return Run(resuming, Seed());

        // A run that ended before its first checkpoint begins anew.
        int Seed() => Directory.Exists(checkpoints.Folder) && Directory.GetFiles(checkpoints.Folder).Length > 0 ? ++others : 1;
    }

    /// <summary>Names of all files in a folder of checkpoints, in order, but for the lock of a run that is under way.</summary>
    public static string[] Files(TemporaryFolder folder) =>
        [.. Directory.GetFiles(folder.Path).Select(Path.GetFileName).OfType<string>().Where(f => f != Lock).Order()];

    public const string Lock = "run.lock";

    public static string FileAt(long step) => $"step-{step:d9}.safetensors";

    private static byte[] Bytes(torch.Tensor tensor)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return tensor.detach().contiguous().bytes.ToArray();
    }

    /// <summary>All that a run leaves behind, times apart.</summary>
    /// <param name="State">The bytes of the method's state.</param>
    /// <param name="Generator">The state of torch's random numbers.</param>
    /// <param name="Result">What Trainer said.</param>
    internal sealed record Outcome(IReadOnlyDictionary<string, byte[]> State, byte[] Generator, TrainingResult Result)
    {
        /// <summary>Bit by bit.</summary>
        public void MustBe(Outcome expected)
        {
            Assert.Equal(expected.Result.Losses, Result.Losses);
            Assert.Equal(expected.Result.Metrics, Result.Metrics);
            Assert.Equal(expected.Result.Warnings, Result.Warnings);
            Assert.Equal(expected.Result.Scores, Result.Scores);
            Assert.Equal(Facts(expected), Facts(this));
            Assert.Equal(expected.State.Keys.Order(), State.Keys.Order());
            Assert.Empty(State.Where(t => !t.Value.AsSpan().SequenceEqual(expected.State[t.Key])).Select(t => t.Key));
            Assert.Equal(expected.Generator, Generator);
        }

        private static IEnumerable<(int Resolution, int Epochs, int BatchSize, long Steps, Precision Precision)> Facts(Outcome outcome) =>
            outcome.Result.Stages.Select(s => (s.Resolution, s.Epochs, s.BatchSize, s.Steps, s.Precision));
    }

    /// <summary>Keeps what Trainer says.</summary>
    /// <param name="heard">Told each line as it is said.</param>
    internal sealed class Lines(Action<string>? heard = null) : ILogger<Trainer>
    {
        private readonly List<(LogLevel Level, string Text)> _lines = [];

        public IEnumerable<string> Warnings => _lines.Where(l => l.Level == LogLevel.Warning).Select(l => l.Text);

        public IEnumerable<string> Errors => _lines.Where(l => l.Level == LogLevel.Error).Select(l => l.Text);

        public IEnumerable<string> All => _lines.Select(l => l.Text);

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            string text = formatter(state, exception);
            _lines.Add((logLevel, text));
            heard?.Invoke(text);
        }
    }

    /// <summary>A method that tells of each step, whether or not it is reported.</summary>
    private sealed class Watched(IContrastiveMethod inner, Action<TrainingPosition>? afterStep) : IContrastiveMethod
    {
        public string Name => inner.Name;

        public string Settings => inner.Settings;

        public int ViewCount => inner.ViewCount;

        public IBackbone Backbone => inner.Backbone;

        public torch.nn.Module State => inner.State;

        public IEnumerable<Parameter> ConstantRateParameters => inner.ConstantRateParameters;

        public void Begin(TrainingRun run) => inner.Begin(run);

        public void RestartMemory(TrainingRun run) => inner.RestartMemory(run);

        public void BeforeStep(TrainingPosition position) => inner.BeforeStep(position);

        public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices) => inner.Forward(views, indices);

        public void AfterStep(TrainingPosition position)
        {
            inner.AfterStep(position);
            afterStep?.Invoke(position);
        }

        public void Dispose() => inner.Dispose();
    }
}
