namespace S3L.Core.Data;

/// <summary>The sizes of a few pictures, by which settings are chosen before all are decoded.</summary>
internal static class SampledSizes
{
    private const int Most = 64;

    /// <summary>True width and height of at most 64 pictures, evenly over the data set; those that cannot be read are left out.</summary>
    /// <param name="images">The data set.</param>
    /// <param name="minimumSide">The least side at which they may be decoded, in pixels.</param>
    internal static IReadOnlyList<(int Width, int Height)> Of(IImageDataset images, int minimumSide)
    {
        int count = Math.Min(Most, images.Count);
        var sizes = new List<(int, int)>();
        for (int i = 0; i < count; i++)
        {
            try
            {
                RgbImage image = images.Load((int)((long)i * images.Count / count), minimumSide);
                sizes.Add((image.SourceWidth, image.SourceHeight));
            }
            catch (UnreadableImageException)
            {
                // Counted when all are decoded.
            }
        }

        return sizes;
    }
}
