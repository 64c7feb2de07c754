namespace S3L.Core.Backbones;

public sealed partial record MobileNetV3Options
{
    /// <summary>Table 1 of arXiv 1905.02244 without its head: 15 blocks in five stages, 960 features.</summary>
    public static MobileNetV3Options Large { get; } = new();

    /// <summary>Table 2 of arXiv 1905.02244 without its head: 11 blocks in four stages, 576 features.</summary>
    public static MobileNetV3Options Small { get; } = new() { Name = "mobilenetv3-small", Rows = SmallRows };

    private static MobileNetV3Row[] LargeRows =>
    [
        Row(3, 16, 16, false, false, 1),
        Row(3, 64, 24, false, false, 2),
        Row(3, 72, 24, false, false, 1),
        Row(5, 72, 40, true, false, 2),
        Row(5, 120, 40, true, false, 1),
        Row(5, 120, 40, true, false, 1),
        Row(3, 240, 80, false, true, 2),
        Row(3, 200, 80, false, true, 1),
        Row(3, 184, 80, false, true, 1),
        Row(3, 184, 80, false, true, 1),
        Row(3, 480, 112, true, true, 1),
        Row(3, 672, 112, true, true, 1),
        Row(5, 672, 160, true, true, 2),
        Row(5, 960, 160, true, true, 1),
        Row(5, 960, 160, true, true, 1),
    ];

    private static MobileNetV3Row[] SmallRows =>
    [
        Row(3, 16, 16, true, false, 2),
        Row(3, 72, 24, false, false, 2),
        Row(3, 88, 24, false, false, 1),
        Row(5, 96, 40, true, true, 2),
        Row(5, 240, 40, true, true, 1),
        Row(5, 240, 40, true, true, 1),
        Row(5, 120, 48, true, true, 1),
        Row(5, 144, 48, true, true, 1),
        Row(5, 288, 96, true, true, 2),
        Row(5, 576, 96, true, true, 1),
        Row(5, 576, 96, true, true, 1),
    ];

    private static MobileNetV3Row Row(int kernel, int expanded, int width, bool squeeze, bool hardSwish, int stride) => new()
    {
        Kernel = kernel,
        Expanded = expanded,
        Width = width,
        SqueezeExcitation = squeeze,
        HardSwish = hardSwish,
        Stride = stride,
    };
}
