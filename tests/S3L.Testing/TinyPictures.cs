using S3L.Core.Data;

namespace S3L.Testing;

/// <summary>Synthetic pictures of 16 px in ten classes.</summary>
public static class TinyPictures
{
    /// <summary>Height and width of the pictures, in pixels.</summary>
    public const int Size = 16;

    /// <summary>The pictures, which follow from the seed alone.</summary>
    /// <param name="count">How many, at least 1, default 48; picture i is of class i mod 10.</param>
    /// <param name="seed">Any number.</param>
    public static SyntheticImages Create(int count = 48, int seed = 0) => new(new SyntheticImagesOptions { Count = count, Size = Size, Seed = seed });
}
