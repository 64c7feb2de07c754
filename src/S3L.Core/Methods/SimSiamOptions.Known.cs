namespace S3L.Core.Methods;

public sealed partial record SimSiamOptions
{
    /// <summary>As published for ImageNet (arXiv 2011.10566, section 4): three layers of 2,048, bottleneck of 512. The defaults.</summary>
    public static SimSiamOptions Paper { get; } = new();

    /// <summary>As published for CIFAR-10 (appendix D): a projector of two layers.</summary>
    public static SimSiamOptions Cifar { get; } = new() { ProjectorLayers = 2 };

    /// <summary>For some thousand pictures: the defaults.</summary>
    public static SimSiamOptions SmallData { get; } = new();
}
