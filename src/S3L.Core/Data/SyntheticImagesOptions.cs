namespace S3L.Core.Data;

/// <summary>What <see cref="SyntheticImages"/> draws.</summary>
public sealed record SyntheticImagesOptions
{
    /// <summary>Smallest <see cref="Size"/> at which the textures can still be told apart.</summary>
    public const int MinimumSize = 16;

    /// <summary>Largest <see cref="Size"/>.</summary>
    public const int MaximumSize = 4096;

    /// <summary>How many pictures, at least 1. Default 2000: 200 of each class.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int Count
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Count));
            field = value;
        }
    } = 2000;

    /// <summary>Width and height in pixels, from <see cref="MinimumSize"/> to <see cref="MaximumSize"/>. Default 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of that range.</exception>
    public int Size
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, MinimumSize, nameof(Size));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaximumSize, nameof(Size));
            field = value;
        }
    } = 64;

    /// <summary>Chooses the pictures: another seed gives other pictures of the same classes, as a test set needs. Default 0.</summary>
    public int Seed { get; init; }
}
