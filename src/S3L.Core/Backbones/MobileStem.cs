namespace S3L.Core.Backbones;

/// <summary>What MobileNets and EfficientNets do to an image before the first stage: a 3×3 convolution. Its weights have the same shape in both
/// forms.</summary>
public enum MobileStem
{
    /// <summary>Stride 2: half the resolution is left.</summary>
    ImageNet,

    /// <summary>Stride 1, for pictures of about 32 pixels.</summary>
    SmallImage,
}
