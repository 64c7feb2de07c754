namespace S3L.Core.Backbones;

/// <summary>One block of a MobileNetV3: a row of tables 1 and 2 of arXiv 1905.02244.</summary>
public sealed record MobileNetV3Row
{
    /// <summary>Side of the kernel that filters each channel, in pixels. Odd, default 3.</summary>
    public int Kernel
    {
        get;
        init => field = Guard.Odd(value, nameof(Kernel));
    } = 3;

    /// <summary>Channels that are filtered. At least 1, default 16.</summary>
    public int Expanded
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Expanded));
    } = 16;

    /// <summary>Channels of the result. At least 1, default 16.</summary>
    public int Width
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Width));
    } = 16;

    /// <summary>Whether the filtered channels are scaled by what all of them hold (arXiv 1709.01507). Default false.</summary>
    public bool SqueezeExcitation { get; init; }

    /// <summary>Whether the activation is x · min(max(x + 3, 0), 6) / 6 instead of a rectifier. Default false.</summary>
    public bool HardSwish { get; init; }

    /// <summary>1, or 2 to halve the resolution. Default 1.</summary>
    public int Stride
    {
        get;
        init => field = Guard.Within(value, 1, 2, nameof(Stride));
    } = 1;
}
