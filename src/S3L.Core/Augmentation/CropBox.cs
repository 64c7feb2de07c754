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

    /// <summary>
    /// What evaluation looks at: the shorter side resized to 8/7 of the resolution, then a centred square of it; at 32 and below the whole
    /// shorter side. Sizes and positions are whole pixels of the resized picture, rounded as torchvision's Resize and CenterCrop do.
    /// </summary>
    public static CropBox Center(int width, int height, int resolution)
    {
        int shorter = resolution > 32 ? (int)Math.Round(resolution * 8 / 7.0) : resolution;
        (double left, double right) = Middle(width, Math.Min(width, height), shorter, resolution);
        (double top, double bottom) = Middle(height, Math.Min(width, height), shorter, resolution);
        return new CropBox(left, top, right, bottom);
    }

    /// <summary>The square's ends on one side of the picture, in shares of that side.</summary>
    private static (double From, double To) Middle(int side, int shortest, int resizedShortest, int square)
    {
        int resized = (int)((long)resizedShortest * side / shortest);
        int first = (int)Math.Round((resized - square) / 2.0);
        return ((double)first / resized, (double)(first + square) / resized);
    }
}
