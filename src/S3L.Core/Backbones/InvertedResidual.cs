namespace S3L.Core.Backbones;

/// <summary>x + f(x), or f(x) alone where f changes the shape; f widens, filters each channel and narrows (arXiv 1801.04381).</summary>
internal sealed class InvertedResidual : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    private readonly Sequential _path;
    private readonly bool _shortcut;
    private readonly double _dropProbability;

    /// <param name="pathName">The name of f in the state dict.</param>
    /// <param name="path">f.</param>
    /// <param name="shortcut">Whether x is added.</param>
    /// <param name="dropProbability">With which probability f(x) is left out for an image in training (arXiv 1603.09382).</param>
    internal InvertedResidual(string pathName, Sequential path, bool shortcut, double dropProbability = 0) : base(nameof(InvertedResidual))
    {
        _path = path;
        _shortcut = shortcut;
        _dropProbability = dropProbability;
        register_module(pathName, path);
    }

    public override torch.Tensor forward(torch.Tensor input)
    {
        torch.Tensor maps = _path.call(input);
        if (!_shortcut) return maps;
        if (!training || _dropProbability == 0) return maps.add_(input);
        using torch.Tensor all = maps;
        using torch.Tensor kept = Kept(all);
        return all.mul(kept).add_(input);
    }

    /// <summary>[N, 1, 1, 1]: 0 for images without f, else what keeps the mean of f over all draws.</summary>
    private torch.Tensor Kept(torch.Tensor maps)
    {
        double survival = 1 - _dropProbability;
        torch.Tensor kept = torch.empty([maps.size(0), 1, 1, 1], maps.dtype, maps.device);
        kept.bernoulli_(survival);
        kept.div_(survival);
        return kept;
    }
}
