namespace S3L.Core.Backbones;

public sealed partial record EfficientNetOptions
{
    /// <summary>Table 1 of arXiv 1905.11946 without its head: 16 blocks in five stages, 1280 features.</summary>
    public static EfficientNetOptions B0 { get; } = new();

    private static EfficientNetRow[] B0Rows =>
    [
        new() { Expansion = 1, Kernel = 3, Stride = 1, Width = 16, Depth = 1 },
        new() { Expansion = 6, Kernel = 3, Stride = 2, Width = 24, Depth = 2 },
        new() { Expansion = 6, Kernel = 5, Stride = 2, Width = 40, Depth = 2 },
        new() { Expansion = 6, Kernel = 3, Stride = 2, Width = 80, Depth = 3 },
        new() { Expansion = 6, Kernel = 5, Stride = 1, Width = 112, Depth = 3 },
        new() { Expansion = 6, Kernel = 5, Stride = 2, Width = 192, Depth = 4 },
        new() { Expansion = 6, Kernel = 3, Stride = 1, Width = 320, Depth = 1 },
    ];
}
