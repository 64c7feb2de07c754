namespace S3L.Core.Backbones;

/// <summary>The residual block that a network repeats.</summary>
public enum ResNetBlock
{
    /// <summary>Two 3×3 convolutions; output channels = width.</summary>
    Basic,

    /// <summary>1×1, 3×3 and 1×1 convolution with the stride in the middle (v1.5); output channels = 4 × width.</summary>
    Bottleneck,
}
