using System.Text.Json;
using S3L.Core.Backbones;
using S3L.Core.Losses;
using S3L.Core.Schedules;

namespace S3L.Core.Methods;

/// <summary>Simple Siamese learning: from one view's embedding a predictor guesses the other's, which receives no gradient.</summary>
/// <remarks>
/// Source: arXiv 2011.10566, algorithm 1. L = ½ D(p1, sg z2) + ½ D(p2, sg z1). Each view passes the network apart, so that batch
/// statistics are of one view. Nothing departs from the paper.
/// </remarks>
public sealed class SimSiam : IContrastiveMethod
{
    private readonly MlpHead _projector;
    private readonly MlpHead _predictor;
    private readonly MethodState _state;

    /// <summary>Trains <paramref name="backbone"/>, which the method then owns.</summary>
    public SimSiam(IBackbone backbone, SimSiamOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        Options = options ?? new SimSiamOptions();
        Backbone = backbone;
        long width = Options.ProjectorWidth;
        _projector = new MlpHead([backbone.FeatureDimension, .. Enumerable.Repeat(width, Options.ProjectorLayers)],
            hiddenNorm: true, HeadOutput.NormalisedWithoutAffine);
        _predictor = new MlpHead([width, Options.PredictorWidth, width], hiddenNorm: true);
        _state = new MethodState(nameof(SimSiam), ("backbone", backbone.Network), ("projector", _projector), ("predictor", _predictor));
    }

    /// <summary>The settings.</summary>
    public SimSiamOptions Options { get; }

    /// <inheritdoc/>
    public string Name => "simsiam";

    /// <inheritdoc/>
    public string Settings => JsonSerializer.Serialize(Options, OptionsJson.Default.SimSiamOptions);

    /// <inheritdoc/>
    public int ViewCount => 2;

    /// <inheritdoc/>
    public bool CanBeReplayed => true;

    /// <inheritdoc/>
    public IBackbone Backbone { get; }

    /// <inheritdoc/>
    public torch.nn.Module State => _state;

    /// <summary>The predictor's: it must keep up with the embeddings (section 4.2 of the paper, table 1, row c).</summary>
    public IEnumerable<Parameter> ConstantRateParameters => _predictor.parameters();

    /// <inheritdoc/>
    public void Begin(TrainingRun run) => ArgumentNullException.ThrowIfNull(run);

    /// <inheritdoc/>
    public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
    {
        Views.Check(views, ViewCount);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor z1 = _projector.call(Backbone.Forward(views[0]));                       // [N, E]
        torch.Tensor z2 = _projector.call(Backbone.Forward(views[1]));
        torch.Tensor p1 = _predictor.call(z1);                                               // [N, E]
        torch.Tensor p2 = _predictor.call(z2);
        // The loss stops the gradient of its targets.
        torch.Tensor loss = (NegativeCosineLoss.Compute(p1, z2) + NegativeCosineLoss.Compute(p2, z1)) / 2;
        return new MethodOutput(loss, z1.detach(), z2.detach()).MoveOut();
    }

    /// <inheritdoc/>
    public void AfterStep(TrainingPosition position)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _state.Dispose();
        Backbone.Dispose();
    }
}
