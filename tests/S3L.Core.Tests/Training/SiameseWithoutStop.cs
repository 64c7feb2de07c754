using S3L.Core.Backbones;
using S3L.Core.Losses;
using S3L.Core.Methods;
using S3L.Core.Schedules;

namespace S3L.Core.Tests.Training;

/// <summary>SimSiam without its stop-gradient: the predictor and both embeddings run towards a constant together.</summary>
internal sealed class SiameseWithoutStop : IContrastiveMethod
{
    private readonly Parts _state;
    private readonly MlpHead _projector;
    private readonly MlpHead _predictor;

    public SiameseWithoutStop(IBackbone backbone, bool normalised = true)
    {
        Backbone = backbone;
        HeadOutput output = normalised ? HeadOutput.NormalisedWithoutAffine : HeadOutput.Plain;
        _projector = new MlpHead([backbone.FeatureDimension, 64, 64, 64], hiddenNorm: true, output);
        _predictor = new MlpHead([64, 16, 64], hiddenNorm: true);
        _state = new Parts(backbone.Network, _projector, _predictor);
    }

    public string Name => "siamese";

    public int ViewCount => 2;

    public IBackbone Backbone { get; }

    public torch.nn.Module State => _state;

    public void Begin(TrainingRun run)
    {
    }

    public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor z1 = _projector.call(Backbone.Forward(views[0])), z2 = _projector.call(Backbone.Forward(views[1]));
        torch.Tensor loss = (Cosine(_predictor.call(z1), z2) + Cosine(_predictor.call(z2), z1)) / -2;
        return new MethodOutput(loss.MoveToOuterDisposeScope(), z1.detach().MoveToOuterDisposeScope(), z2.detach().MoveToOuterDisposeScope());
    }

    public void AfterStep(TrainingPosition position)
    {
    }

    public void Dispose()
    {
        _state.Dispose();
        Backbone.Dispose();
    }

    private static torch.Tensor Cosine(torch.Tensor a, torch.Tensor b) => (UnitRows.Of(a) * UnitRows.Of(b)).sum(1).mean();

    private sealed class Parts : torch.nn.Module
    {
        public Parts(torch.nn.Module backbone, torch.nn.Module projector, torch.nn.Module predictor) : base(nameof(SiameseWithoutStop))
        {
            register_module("backbone", backbone);
            register_module("projector", projector);
            register_module("predictor", predictor);
        }
    }
}
