namespace S3L.Core.Augmentation;

/// <summary>Which operations any view of a batch, or of a whole run, can have. The others are left out for all of them.</summary>
internal readonly record struct DrawKinds(bool Jitter, bool Hue, bool Grayscale, bool Blur, bool Solarize)
{
    internal static DrawKinds Of(IReadOnlyList<ViewDraw> draws) => new(
        draws.Any(d => d.Brightness != 1 || d.Contrast != 1 || d.Saturation != 1),
        draws.Any(d => d.Hue != 0),
        draws.Any(d => d.Grayscale),
        draws.Any(d => d.BlurSigma > 0),
        draws.Any(d => d.Solarize));

    internal static DrawKinds Of(IEnumerable<AugmentationOptions> options)
    {
        AugmentationOptions[] all = [.. options];
        return new DrawKinds(
            all.Any(o => o.JitterProbability > 0 && (o.Brightness > 0 || o.Contrast > 0 || o.Saturation > 0)),
            all.Any(o => o.JitterProbability > 0 && o.Hue > 0),
            all.Any(o => o.GrayscaleProbability > 0),
            all.Any(o => o.BlurProbability > 0),
            all.Any(o => o.SolarizeProbability > 0));
    }
}
