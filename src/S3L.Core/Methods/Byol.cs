using System.Text.Json;
using S3L.Core.Backbones;
using S3L.Core.Losses;
using S3L.Core.Schedules;

namespace S3L.Core.Methods;

/// <summary>Bootstrap your own latent: from one view's embedding a predictor guesses what a slowly moving copy makes of the other.</summary>
/// <remarks>
/// Source: arXiv 2006.07733. L = mean over N of ‖h(g(f(x1))) − g'(f'(x2))‖² of unit rows, plus the same with the views exchanged. The copy
/// moves after the optimizer's step, and normalises by its own batch statistics, as in the paper's code.
/// </remarks>
public sealed class Byol : IContrastiveMethod
{
    private readonly MlpHead _projector;
    private readonly MlpHead _predictor;
    private readonly MomentumCopy _target;
    private readonly MethodState _state;
    private MomentumSchedule _momentum;
    private TrainingPosition? _prepared;

    /// <summary>Trains <paramref name="backbone"/>, which the method then owns.</summary>
    public Byol(IBackbone backbone, ByolOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        Options = options ?? new ByolOptions();
        Backbone = backbone;
        long width = Options.EmbeddingDimension;
        IEnumerable<long> hidden = Enumerable.Repeat((long)Options.HiddenWidth, Options.ProjectorLayers - 1);
        _projector = new MlpHead([backbone.FeatureDimension, .. hidden, width], hiddenNorm: true, Options.ProjectorOutput);
        _predictor = new MlpHead([width, Options.HiddenWidth, width], hiddenNorm: true);
        _momentum = new MomentumSchedule(Options.Momentum ?? RunLength.MomentumFor(1), Options.MomentumCurve);
        _target = new MomentumCopy(backbone, _projector, _momentum.Start);
        _state = new MethodState(nameof(Byol), ("backbone", backbone.Network), ("projector", _projector), ("predictor", _predictor),
            ("target_backbone", _target.Network), ("target_projector", _target.Head));
    }

    /// <summary>The settings.</summary>
    public ByolOptions Options { get; }

    /// <inheritdoc/>
    public string Name => "byol";

    /// <inheritdoc/>
    public string Settings => JsonSerializer.Serialize(Options, OptionsJson.Default.ByolOptions);

    /// <inheritdoc/>
    public int ViewCount => 2;

    /// <inheritdoc/>
    public bool CanBeReplayed => true;

    /// <inheritdoc/>
    public IBackbone Backbone { get; }

    /// <inheritdoc/>
    public torch.nn.Module State => _state;

    /// <inheritdoc/>
    public void Begin(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _momentum = new MomentumSchedule(Options.Momentum ?? RunLength.MomentumFor(run.StepCount), Options.MomentumCurve);
        _target.Follow(_momentum.Start);
        _prepared = null;
    }

    /// <inheritdoc/>
    public void BeforeStep(TrainingPosition position)
    {
        _target.SetMomentum(_momentum.At(position));
        _prepared = position;
    }

    /// <inheritdoc/>
    public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
    {
        Views.Check(views, ViewCount);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor p1 = _predictor.call(_projector.call(Backbone.Forward(views[0])));      // [N, E]
        torch.Tensor p2 = _predictor.call(_projector.call(Backbone.Forward(views[1])));
        torch.Tensor z1 = _target.Embed(views[0]);                                           // [N, E], without gradient
        torch.Tensor z2 = _target.Embed(views[1]);
        torch.Tensor loss = ByolLoss.Compute(p1, z2) + ByolLoss.Compute(p2, z1);
        return new MethodOutput(loss, z1, z2).MoveOut();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException"><see cref="BeforeStep"/> was not called for this step.</exception>
    public void AfterStep(TrainingPosition position)
    {
        if (_prepared != position)
        {
            throw new InvalidOperationException(
                "BeforeStep must be called with the position of each step before AfterStep: it sets the copy's momentum.");
        }

        _target.Move();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _state.Dispose();
        Backbone.Dispose();
        _target.Dispose();
    }
}
