using S3L.Core.Schedules;

namespace S3L.Core.Methods;

public sealed partial record ByolOptions
{
    /// <summary>As published for ImageNet (arXiv 2006.07733): m₀ 0.996 along a cosine, hidden 4,096, E 256.</summary>
    public static ByolOptions Paper { get; } = new() { Momentum = 0.996, HiddenWidth = 4096, EmbeddingDimension = 256 };

    /// <summary>As S3L's scripts run it on CUB-200 (arXiv 2103.13559): m 0.99 throughout, hidden 2,048, E 128.</summary>
    public static ByolOptions Cub200 { get; } = new() { Momentum = 0.99, MomentumCurve = MomentumCurve.Constant };

    /// <summary>
    /// For some thousand pictures: m 0.9 throughout, and SimSiam's projector, three layers with normalised embeddings, all 1,024 wide. With the
    /// paper's projector embeddings of short runs differ in two or three directions, whatever the momentum.
    /// </summary>
    public static ByolOptions SmallData { get; } = new()
    {
        Momentum = 0.9,
        MomentumCurve = MomentumCurve.Constant,
        HiddenWidth = 1024,
        EmbeddingDimension = 1024,
        ProjectorLayers = 3,
        ProjectorOutput = HeadOutput.NormalisedWithoutAffine,
    };
}
