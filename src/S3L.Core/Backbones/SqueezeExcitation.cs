namespace S3L.Core.Backbones;

/// <summary>Scales each channel by a number that two 1×1 convolutions compute from the means of all channels (arXiv 1709.01507).</summary>
internal sealed class SqueezeExcitation : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    private readonly Conv2d _fc1;
    private readonly Conv2d _fc2;
    private readonly Func<torch.Tensor, torch.Tensor> _activation;
    private readonly Func<torch.Tensor, torch.Tensor> _gate;

    /// <param name="channels">Channels that are scaled.</param>
    /// <param name="squeezed">Channels between the two convolutions.</param>
    /// <param name="activation">What comes between the two convolutions.</param>
    /// <param name="gate">What brings their result into [0, 1].</param>
    internal SqueezeExcitation(long channels, long squeezed, Func<torch.Tensor, torch.Tensor> activation, Func<torch.Tensor, torch.Tensor> gate)
        : base(nameof(SqueezeExcitation))
    {
        _fc1 = torch.nn.Conv2d(channels, squeezed, 1);
        _fc2 = torch.nn.Conv2d(squeezed, channels, 1);
        _activation = activation;
        _gate = gate;
        register_module("fc1", _fc1);
        register_module("fc2", _fc2);
    }

    public override torch.Tensor forward(torch.Tensor input)
    {
        using torch.Tensor means = input.mean([2, 3], true);                   // [N, C, 1, 1]
        using torch.Tensor squeezed = _fc1.call(means);
        using torch.Tensor active = _activation(squeezed);
        using torch.Tensor excited = _fc2.call(active);                        // [N, C, 1, 1]
        using torch.Tensor scales = _gate(excited);
        return input.mul(scales);
    }
}
