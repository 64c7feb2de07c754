namespace S3L.Core.Backbones;

/// <summary>The start of torchvision's convolutional networks.</summary>
internal static class KaimingWeights
{
    /// <summary>Normal weights of variance 2 / fan-out (arXiv 1502.01852) and no bias for every convolution of a network.</summary>
    internal static void Draw(torch.nn.Module network)
    {
        foreach ((_, torch.nn.Module module) in network.named_modules())
        {
            if (module is not Conv2d convolution) continue;
            torch.nn.init.kaiming_normal_(convolution.weight!, mode: torch.nn.init.FanInOut.FanOut,
                nonlinearity: torch.nn.init.NonlinearityType.ReLU);
            if (convolution.bias is { } bias) torch.nn.init.constant_(bias, 0);
        }
    }
}
