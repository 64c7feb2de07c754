namespace S3L.Core.Backbones;

/// <summary>Makes units of convolution, normalisation and activation with torchvision's names: 0, 1, and nothing for the third.</summary>
/// <param name="epsilon">Added to the variances.</param>
/// <param name="momentum">The weight of a new batch in the gathered statistics.</param>
internal sealed class ConvolutionUnits(double epsilon = 1e-5, double momentum = 0.1)
{
    /// <summary>A convolution without bias whose output is as large as its input, or half as large with stride 2.</summary>
    internal Sequential Create(long inputs, long outputs, long kernel, long stride = 1, long groups = 1,
        torch.nn.Module<torch.Tensor, torch.Tensor>? activation = null)
    {
        Conv2d convolution = torch.nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) / 2, groups: groups, bias: false);
        return activation is null
            ? torch.nn.Sequential(convolution, Norm(outputs))
            : torch.nn.Sequential(convolution, Norm(outputs), activation);
    }

    internal BatchNorm2d Norm(long channels) => torch.nn.BatchNorm2d(channels, epsilon, momentum);

    /// <summary>The multiple of 8 next to a number of channels, at least 8 and never less than nine tenths of it (torchvision's rule).</summary>
    internal static long Channels(double wanted)
    {
        long rounded = Math.Max(8, (long)(wanted + 4) / 8 * 8);
        return rounded < 0.9 * wanted ? rounded + 8 : rounded;
    }
}
