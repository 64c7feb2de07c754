namespace S3L.Core.Methods;

public sealed partial record MoCoOptions
{
    /// <summary>MoCo v1 as published for ImageNet (arXiv 1911.05722): linear head, τ 0.07, m 0.999, K 65,536.</summary>
    public static MoCoOptions V1 { get; } = new() { HeadLayers = 1, Temperature = 0.07, Momentum = 0.999, QueueLength = 65_536 };

    /// <summary>MoCo v2 as published for ImageNet (arXiv 2003.04297): τ 0.2, m 0.999, K 65,536.</summary>
    public static MoCoOptions V2 { get; } = new() { Momentum = 0.999, QueueLength = 65_536 };

    /// <summary>MoCo v2 as S3L's scripts run it on CUB-200 (arXiv 2103.13559): K 4,096.</summary>
    public static MoCoOptions Cub200 { get; } = V2 with { QueueLength = 4096 };

    /// <summary>MoCo v2 as S3L's scripts run it on 10,000 and 50,000 images of ImageNet: K 32,768.</summary>
    public static MoCoOptions ImageNetSubset { get; } = V2 with { QueueLength = 32_768 };

    /// <summary>MoCo's own example for CIFAR-10 on one GPU: linear head, τ 0.1, m 0.99, K 4,096, keys in 8 groups.</summary>
    public static MoCoOptions Cifar { get; } = new()
    {
        HeadLayers = 1,
        Temperature = 0.1,
        Momentum = 0.99,
        QueueLength = 4096,
        KeyGroups = 8,
    };

    /// <summary>
    /// For some thousand pictures: τ 0.1, momentum and queue after the run. On 3,068 photographs τ 0.2 gained nothing in the 40 epochs in
    /// which 0.1 gained most.
    /// </summary>
    public static MoCoOptions SmallData { get; } = new() { Temperature = 0.1 };

    /// <summary>The same with MoCo v1's linear head.</summary>
    public static MoCoOptions SmallDataV1 { get; } = SmallData with { HeadLayers = 1 };
}
