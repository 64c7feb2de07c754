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
    private readonly Parts _state;

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
        _state = new Parts(backbone.Network, _projector, _predictor);
    }

    /// <summary>The settings.</summary>
    public SimSiamOptions Options { get; }

    /// <inheritdoc/>
    public string Name => "simsiam";

    /// <inheritdoc/>
    public int ViewCount => 2;

    /// <inheritdoc/>
    public IBackbone Backbone { get; }

    /// <inheritdoc/>
    public torch.nn.Module State => _state;

    /// <summary>The predictor's: it must keep up with the embeddings (section 4.2 of the paper, table 1, row c).</summary>
    public IEnumerable<Parameter> ConstantRateParameters => _predictor.parameters();

    /// <inheritdoc/>
    public void Begin(TrainingRun run)
    {
    }

    /// <inheritdoc/>
    public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
    {
        Views.Check(views, ViewCount);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor z1 = _projector.call(Backbone.Forward(views[0]));                       // [N, E]
        torch.Tensor z2 = _projector.call(Backbone.Forward(views[1]));
        torch.Tensor p1 = _predictor.call(z1);                                               // [N, E]
        torch.Tensor p2 = _predictor.call(z2);
        torch.Tensor loss = (NegativeCosineLoss.Compute(p1, z2) + NegativeCosineLoss.Compute(p2,
            z1)) / 2;             // the loss stops the gradient of z
        return new MethodOutput(loss.MoveToOuterDisposeScope(), z1.detach().MoveToOuterDisposeScope());
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

    private sealed class Parts : torch.nn.Module
    {
        internal Parts(torch.nn.Module backbone, torch.nn.Module projector, torch.nn.Module predictor) : base(nameof(SimSiam))
        {
            register_module("backbone", backbone);
            register_module("projector", projector);
            register_module("predictor", predictor);
        }
    }
}
