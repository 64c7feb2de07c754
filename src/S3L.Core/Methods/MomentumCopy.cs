using S3L.Core.Backbones;
using S3L.Core.Engine;

namespace S3L.Core.Methods;

/// <summary>A copy of backbone and head that follows them slowly and receives no gradient: MoCo's key network, BYOL's target.</summary>
/// <remarks>Its normalisations run as the originals' do, in train mode with statistics of their own, as in both papers' code.</remarks>
internal sealed class MomentumCopy : IDisposable
{
    private readonly IBackbone _original;
    private readonly MlpHead _originalHead;
    private readonly IBackbone _backbone;
    private torch.Tensor[] _originals = [];
    private torch.Tensor[] _copies = [];
    // [] in float64, on the device.
    private torch.Tensor? _momentum;

    internal MomentumCopy(IBackbone backbone, MlpHead head, double momentum)
    {
        (_original, _originalHead) = (backbone, head);
        _backbone = backbone.CreateTwin();
        Head = head.CreateTwin();
        Follow(momentum);
    }

    internal torch.nn.Module Network => _backbone.Network;

    internal MlpHead Head { get; }

    /// <summary>
    /// Takes the parameters as they are now. To be called when a run begins: a module that moved to another device may have new ones in the
    /// place of its old (TorchSharp).
    /// </summary>
    /// <param name="momentum">m until it is set anew.</param>
    internal void Follow(double momentum)
    {
        _originals = [.. _original.Network.parameters(), .. _originalHead.parameters()];
        Parameter[] copies = [.. _backbone.Network.parameters(), .. Head.parameters()];
        foreach (Parameter copy in copies) copy.requires_grad = false;
        _copies = copies;
        _momentum?.Dispose();
        _momentum = torch.full([], momentum, torch.float64, copies[0].device).DetachFromDisposeScope();
    }

    /// <summary>Sets m, which a replayed step reads from the device.</summary>
    internal void SetMomentum(double momentum) => _momentum!.fill_(momentum);

    /// <summary>θ' ← m θ' + (1 − m) θ.</summary>
    internal void Move()
    {
        using IDisposable quiet = torch.no_grad();
        EngineSeam.Average(_copies, _originals, _momentum!);
    }

    /// <summary>[N, 3, H, W] → [N, E] without gradient; the batch is cut into groups that normalise apart.</summary>
    internal torch.Tensor Embed(torch.Tensor view, int groups = 1)
    {
        using IDisposable quiet = torch.no_grad();
        if (groups == 1) return Head.call(_backbone.Forward(view));
        return torch.cat([.. Parts(view, groups).Select(part => Head.call(_backbone.Forward(part)))], 0);
    }

    public void Dispose()
    {
        _backbone.Dispose();
        _momentum?.Dispose();
    }

    /// <summary>As many parts as asked for, whose sizes differ by one at most; chunk may leave a last part of a single image.</summary>
    private static IEnumerable<torch.Tensor> Parts(torch.Tensor batch, int count)
    {
        long size = batch.size(0);
        for (int i = 0; i < count; i++)
        {
            long start = size * i / count;
            yield return batch.narrow(0, start, (size * (i + 1) / count) - start);
        }
    }
}
