namespace S3L.Core.Methods;

public sealed partial record InstanceDiscriminationOptions
{
    /// <summary>As the paper's script runs it on CIFAR-10 (arXiv 2404.19289), which moves the batch's own rows only.</summary>
    public static InstanceDiscriminationOptions Cifar { get; } = new() { BankRule = BankRule.Momentum };

    /// <summary>For some thousand pictures: whole bank, E 128, hidden 512, two layers, τ 0.1, no CutMix.</summary>
    public static InstanceDiscriminationOptions SmallData { get; } = new()
    {
        EmbeddingDimension = 128,
        HiddenWidth = 512,
        HeadLayers = 2,
        OtherCandidates = 0,
        Temperature = 0.1,
        CutMixAlpha = 0,
    };
}
