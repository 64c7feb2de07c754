using System.Runtime.InteropServices;
using System.Text.Json;
using S3L.Core.Backbones;
using S3L.Core.Engine;
using S3L.Core.Losses;
using S3L.Core.Schedules;

namespace S3L.Core.Methods;

/// <summary>
/// Single-branch instance discrimination: one view of each image is told from the others by its row of a memory bank, and the output is
/// distilled into a flatter form of itself.
/// </summary>
/// <remarks>
/// Source: arXiv 2404.19289. L = cross-entropy of cosines/τ + λ SqrtKL of the cosines. Before the first step one pass fills every row of the
/// bank. The bank learns after the optimizer's step from what the forward pass saw, so that backward finds the rows unchanged.
/// Departures: the default rule moves all candidate rows (<see cref="BankRule.Corrected"/>), and k = 0 means the whole bank.
/// </remarks>
public sealed class InstanceDiscrimination : IContrastiveMethod
{
    private readonly InstanceDiscriminationLoss _discrimination;
    private readonly SqrtKlLoss _distillation;
    private readonly MlpHead _projector;
    private readonly MethodState _state;
    private MemoryBank? _bank;
    private Lesson? _lesson;

    /// <summary>Trains <paramref name="backbone"/>, which the method then owns.</summary>
    public InstanceDiscrimination(IBackbone backbone, InstanceDiscriminationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        Options = options ?? new InstanceDiscriminationOptions();
        Backbone = backbone;
        _discrimination = new InstanceDiscriminationLoss(Options.Temperature);
        _distillation = new SqrtKlLoss(Options.DistillationExponent, Options.DistillationDirection);
        IEnumerable<long> hidden = Enumerable.Repeat((long)Options.HiddenWidth, Options.HeadLayers - 1);
        _projector = new MlpHead([backbone.FeatureDimension, .. hidden, Options.EmbeddingDimension], hiddenNorm: true);
        _state = new MethodState(nameof(InstanceDiscrimination), ("backbone", backbone.Network), ("projector", _projector));
    }

    /// <summary>The settings.</summary>
    public InstanceDiscriminationOptions Options { get; }

    /// <inheritdoc/>
    public string Name => "instdisc";

    /// <inheritdoc/>
    public string Settings => JsonSerializer.Serialize(Options, OptionsJson.Default.InstanceDiscriminationOptions);

    /// <inheritdoc/>
    public int ViewCount => 1;

    /// <inheritdoc/>
    public bool CanBeReplayed => true;

    /// <inheritdoc/>
    public IBackbone Backbone { get; }

    /// <inheritdoc/>
    public torch.nn.Module State => _state;

    /// <summary>[M, E] unit rows, one per image; null before <see cref="Begin"/>.</summary>
    public torch.Tensor? Bank => _bank?.Rows;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><see cref="TrainingRun.EveryImage"/> leaves an image out.</exception>
    public void Begin(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _bank = _state.Set("bank", Calibrated(run));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><see cref="TrainingRun.EveryImage"/> leaves an image out.</exception>
    public void RestartMemory(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        Fill(_bank ?? throw new InvalidOperationException("Begin must be called before RestartMemory: it makes the bank."), run);
    }

    /// <inheritdoc/>
    public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
    {
        Views.Check(views, ViewCount);
        ArgumentNullException.ThrowIfNull(indices);
        MemoryBank bank = _bank ?? throw new InvalidOperationException("Begin must be called before Forward: it fills the bank.");
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor images, torch.Tensor? pasted, torch.Tensor? share) =
            Options.CutMixAlpha > 0 ? CutMix.Apply(views[0], Options.CutMixAlpha) : (views[0], null, null);
        torch.Tensor embeddings = UnitRows.Of(_projector.call(Backbone.Forward(images)));     // [N, E]

        torch.Tensor? candidates = bank.Candidates(indices, Options.OtherCandidates, Options.BatchOnly);
        torch.Tensor rows = candidates is null ? bank.Rows : bank.Rows.index_select(0, candidates);
        torch.Tensor cosines = Cosines(embeddings, rows);                                     // [N, C]
        torch.Tensor own = candidates is null ? indices : torch.arange(indices.size(0), torch.int64, indices.device);
        var target = new Target(own, pasted is null ? null : own.index_select(0, pasted), share);

        torch.Tensor loss = target.Pasted is null
            ? _discrimination.Compute(cosines, own)
            : _discrimination.Compute(cosines, own, target.Pasted, target.Share!);
        if (Options.DistillationWeight > 0) loss = loss + _distillation.Compute(cosines) * Options.DistillationWeight;

        torch.Tensor known = bank.Rows.index_select(0, indices);
        torch.Tensor seen = embeddings.detach();
        _lesson?.Dispose();
        _lesson = Options.BankRule == BankRule.Momentum
            ? new Lesson(indices, null, seen)
            : new Lesson(candidates, Errors(cosines.detach(), target), seen);
        return new MethodOutput(loss, embeddings.detach(), known).MoveOut();
    }

    /// <inheritdoc/>
    public void AfterStep(TrainingPosition position)
    {
        if (_lesson is not { } lesson) return;
        double m = Options.BankMomentum;
        // The rate with which a row that is not recognised at all (p → 0) moves as under the momentum rule, up to its length.
        if (lesson.Errors is { } errors) _bank!.Descend(lesson.Rows, errors, lesson.Embeddings, (1 - m) / m);
        else _bank!.Follow(lesson.Rows!, lesson.Embeddings, m);
        if (lesson.IsReplayed) return;
        lesson.Dispose();
        _lesson = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lesson?.Dispose();
        _state.Dispose();
        Backbone.Dispose();
    }

    /// <summary>A bank whose every row is what the network, as it is, makes of that image.</summary>
    private MemoryBank Calibrated(TrainingRun run)
    {
        var bank = new MemoryBank(run.ImageCount, Options.EmbeddingDimension, run.Device);
        try
        {
            if (!run.IsResumed) Fill(bank, run);
            return bank;
        }
        catch
        {
            bank.Dispose();
            throw;
        }
    }

    private void Fill(MemoryBank bank, TrainingRun run)
    {
        using IDisposable quiet = torch.no_grad();
        var isFilled = new bool[run.ImageCount];
        foreach ((torch.Tensor images, torch.Tensor indices) in run.EveryImage)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            bank.Rows.index_copy_(0, indices, UnitRows.Of(_projector.call(Backbone.Forward(images))));
            using torch.Tensor onHost = indices.cpu();
            foreach (long image in MemoryMarshal.Cast<byte, long>(onHost.bytes)) isFilled[image] = true;
        }

        int filled = isFilled.Count(f => f);
        if (filled == run.ImageCount) return;
        throw new ArgumentException($"run.EveryImage must pass all {run.ImageCount} images, but passed {filled}.", nameof(run));
    }

    private static torch.Tensor Cosines(torch.Tensor embeddings, torch.Tensor rows)
    {
        using IDisposable full = EngineSeam.FullPrecision(embeddings.device_type);
        return embeddings.matmul(rows.t());
    }

    /// <summary>Target minus probability, [N, C]: the direction in which the discrimination loss wants each cosine to go, times τ.</summary>
    private torch.Tensor Errors(torch.Tensor cosines, Target target)
    {
        torch.Tensor errors = (cosines / Options.Temperature).softmax(1).neg();
        torch.Tensor one = torch.ones([target.Own.size(0), 1], device: errors.device);
        torch.Tensor share = target.Share ?? torch.ones([], device: errors.device);
        errors.scatter_add_(1, target.Own.unsqueeze(1), one * share);
        if (target.Pasted is { } pasted) errors.scatter_add_(1, pasted.unsqueeze(1), one * (1 - share));
        return errors;
    }

    /// <summary>Which candidate each image shows, and with CutMix also which was pasted in, and the share that the image kept.</summary>
    private readonly record struct Target(torch.Tensor Own, torch.Tensor? Pasted, torch.Tensor? Share);

    /// <summary>What the bank will learn after the step: all rows where <see cref="Rows"/> is null.</summary>
    private sealed class Lesson(torch.Tensor? rows, torch.Tensor? errors, torch.Tensor embeddings) : IDisposable
    {
        internal torch.Tensor? Rows { get; } = rows?.detach().DetachFromDisposeScope();

        internal torch.Tensor? Errors { get; } = errors?.DetachFromDisposeScope();

        internal torch.Tensor Embeddings { get; } = embeddings.DetachFromDisposeScope();

        /// <summary>Whether the next passes, replayed, will write their lessons into these tensors.</summary>
        internal bool IsReplayed { get; } = EngineSeam.IsRecording;

        public void Dispose()
        {
            Rows?.Dispose();
            Errors?.Dispose();
            Embeddings.Dispose();
        }
    }
}
