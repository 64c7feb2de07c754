namespace S3L.Core.Backbones;

/// <summary>Blocks of one kind in an EfficientNet: a row of table 1 of arXiv 1905.11946.</summary>
public sealed record EfficientNetRow
{
    /// <summary>Channels that are filtered, as a multiple of those that come in, rounded to a multiple of 8. At least 1, default 6.</summary>
    public int Expansion
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Expansion));
    } = 6;

    /// <summary>Side of the kernel that filters each channel, in pixels. Odd, default 3.</summary>
    public int Kernel
    {
        get;
        init => field = Guard.Odd(value, nameof(Kernel));
    } = 3;

    /// <summary>Stride of the first block: 1, or 2 to halve the resolution. Default 1.</summary>
    public int Stride
    {
        get;
        init => field = Guard.Within(value, 1, 2, nameof(Stride));
    } = 1;

    /// <summary>Channels of the result. At least 1, default 16.</summary>
    public int Width
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Width));
    } = 16;

    /// <summary>How many blocks follow one another. At least 1, default 1.</summary>
    public int Depth
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Depth));
    } = 1;
}
