namespace S3L.Core.Augmentation;

/// <summary>A part of a picture, in shares of its width and height: (0, 0) is the left upper corner, (1, 1) the right lower one.</summary>
/// <param name="Left">Left border.</param>
/// <param name="Top">Upper border.</param>
/// <param name="Right">Right border, above <paramref name="Left"/>.</param>
/// <param name="Bottom">Lower border, above <paramref name="Top"/>.</param>
public readonly record struct CropBox(double Left, double Top, double Right, double Bottom)
{
    /// <summary>The whole picture.</summary>
    public static CropBox Whole { get; } = new(0, 0, 1, 1);

    /// <summary>What evaluation looks at: the shorter side resized to 8/7 of the resolution, then a centred square of it; at 32 and below the whole shorter side.</summary>
    public static CropBox Center(int width, int height, int resolution)
    {
        double side = Math.Min(width, height) * (resolution > 32 ? 7.0 / 8 : 1);
        double x = side / width / 2;
        double y = side / height / 2;
        return new CropBox(0.5 - x, 0.5 - y, 0.5 + x, 0.5 + y);
    }
}
