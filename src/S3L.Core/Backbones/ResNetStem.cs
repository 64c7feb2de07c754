namespace S3L.Core.Backbones;

/// <summary>What a residual network does to an image before its first stage.</summary>
public enum ResNetStem
{
    /// <summary>7×7 convolution of stride 2, then 3×3 max-pooling of stride 2: a quarter of the resolution is left.</summary>
    ImageNet,

    /// <summary>3×3 convolution of stride 1, no pooling, for pictures of about 32 pixels (arXiv 1512.03385, section 4.2; SimCLR, arXiv
    /// 2002.05709, appendix B.9).</summary>
    SmallImage,
}
