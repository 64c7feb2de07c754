namespace S3L.Core.Methods;

public sealed partial record MoCoOptions
{
    /// <summary>MoCo v2 as published for ImageNet (arXiv 2003.04297): τ 0.2, m 0.999, K 65,536.</summary>
    public static MoCoOptions V2 { get; } = new() { Momentum = 0.999, QueueLength = 65_536 };

    /// <summary>
    /// For some thousand pictures: τ 0.1, momentum and queue after the run. On 3,068 photographs τ 0.2 gained nothing in the 40 epochs in
    /// which 0.1 gained most.
    /// </summary>
    public static MoCoOptions SmallData { get; } = new() { Temperature = 0.1 };
}
