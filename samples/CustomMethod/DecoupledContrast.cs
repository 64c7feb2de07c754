using S3L.Core.Backbones;
using S3L.Core.Losses;
using S3L.Core.Methods;
using S3L.Core.Schedules;

namespace CustomMethod;

/// <summary>
/// A method of one's own: SimCLR without the positive in the denominator (decoupled contrastive learning, arXiv 2110.06848), which learns
/// from small batches. L = mean over 2N of −z_i·z_p/τ + log Σ over the 2N − 2 rows of other images of e^{z_i·z_j/τ}.
/// </summary>
public sealed class DecoupledContrast : IContrastiveMethod
{
    private const double Temperature = 0.1;

    private readonly MlpHead _head;
    private readonly Parts _state;

    public DecoupledContrast(IBackbone backbone)
    {
        Backbone = backbone;
        _head = new MlpHead([backbone.FeatureDimension, backbone.FeatureDimension, 64]);
        _state = new Parts(backbone.Network, _head);
    }

    public string Name => "dcl";

    public int ViewCount => 2;

    public IBackbone Backbone { get; }

    // Whatever is registered here is trained, saved and moved between devices; what needs no gradient is kept only.
    public torch.nn.Module State => _state;

    public void Begin(TrainingRun run)
    {
    }

    public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor first = UnitRows.Of(_head.call(Backbone.Forward(views[0])));            // [N, E]
        torch.Tensor second = UnitRows.Of(_head.call(Backbone.Forward(views[1])));
        return new MethodOutput(Loss(first, second).MoveToOuterDisposeScope(),
            first.detach().MoveToOuterDisposeScope(), second.detach().MoveToOuterDisposeScope());
    }

    public void AfterStep(TrainingPosition position)
    {
    }

    public void Dispose()
    {
        _state.Dispose();
        Backbone.Dispose();
    }

    /// <summary>One logarithm over all negatives of a row, of both views together.</summary>
    public static torch.Tensor Loss(torch.Tensor first, torch.Tensor second)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // Cosines of eight bits would be too coarse to be divided by a temperature.
        using IDisposable full = FullPrecision.On(first.device);
        torch.Tensor rows = torch.cat([first, second], 0).to(torch.float32);                 // [2N, E]
        torch.Tensor positive = (first * second).sum(1).repeat(2) / Temperature;             // [2N]
        torch.Tensor sameImage = torch.eye(first.size(0), dtype: torch.@bool, device: rows.device).repeat(2, 2);
        torch.Tensor negatives = rows.matmul(rows.t()).div(Temperature).masked_fill(sameImage, double.NegativeInfinity);
        return (negatives.logsumexp(1) - positive).mean().MoveToOuterDisposeScope();
    }

    private sealed class Parts : torch.nn.Module
    {
        public Parts(torch.nn.Module backbone, torch.nn.Module head) : base(nameof(DecoupledContrast))
        {
            register_module("backbone", backbone);
            register_module("head", head);
        }
    }
}
