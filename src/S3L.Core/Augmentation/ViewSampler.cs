namespace S3L.Core.Augmentation;

/// <summary>Draws what is random about views, as torchvision's transforms do. The same seed, epoch, image and view always give the same
/// draw.</summary>
public sealed class ViewSampler
{
    private const int Tries = 10;

    /// <summary>A sampler of one distribution.</summary>
    /// <exception cref="ArgumentException">The least area is above the largest, or the least blur above the largest.</exception>
    public ViewSampler(AugmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.MinimumArea > options.MaximumArea)
        {
            throw new ArgumentException($"options.MinimumArea must not be above MaximumArea, {options.MaximumArea}, but is {options.MinimumArea}.",
                nameof(options));
        }

        if (options.MinimumBlurSigma > options.MaximumBlurSigma)
        {
            throw new ArgumentException(
                $"options.MinimumBlurSigma must not be above MaximumBlurSigma, {options.MaximumBlurSigma}, but is {options.MinimumBlurSigma}.",
                    nameof(options));
        }

        Options = options;
    }

    /// <summary>The distribution.</summary>
    public AugmentationOptions Options { get; }

    /// <summary>Draws one view of one picture.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="epoch">Number of the epoch within the run.</param>
    /// <param name="image">Number of the picture.</param>
    /// <param name="view">Number of the view.</param>
    /// <param name="width">Width of the picture, in pixels.</param>
    /// <param name="height">Height of the picture, in pixels.</param>
    public ViewDraw Draw(int seed, int epoch, int image, int view, int width, int height)
    {
        var random = new CounterRandom(seed, ((long)epoch << 32) | (uint)image, view);
        var draw = new ViewDraw(DrawBox(ref random, width, height));
        if (random.NextChance(Options.JitterProbability))
        {
            draw = draw with
            {
                Order = new JitterOrder(random.NextIndex(24)),
                Brightness = Around1(ref random, Options.Brightness),
                Contrast = Around1(ref random, Options.Contrast),
                Saturation = Around1(ref random, Options.Saturation),
                Hue = random.NextDouble(-Options.Hue, Options.Hue),
            };
        }

        return draw with
        {
            Grayscale = random.NextChance(Options.GrayscaleProbability),
            BlurSigma = random.NextChance(Options.BlurProbability)
                ? random.NextDouble(Options.MinimumBlurSigma, Options.MaximumBlurSigma)
                : 0,
            Solarize = random.NextChance(Options.SolarizeProbability),
            Flip = random.NextChance(Options.FlipProbability),
        };
    }

    /// <summary>torchvision's RandomResizedCrop.get_params: whole pixels, ten tries, then the largest centred box of a legal ratio.</summary>
    private CropBox DrawBox(ref CounterRandom random, int width, int height)
    {
        double logRatio = Math.Log(Options.MaximumRatio);
        for (int i = 0; i < Tries; i++)
        {
            double area = (double)width * height * random.NextDouble(Options.MinimumArea, Options.MaximumArea);
            double ratio = Math.Exp(random.NextDouble(-logRatio, logRatio));
            int w = (int)Math.Round(Math.Sqrt(area * ratio));
            int h = (int)Math.Round(Math.Sqrt(area / ratio));
            if (w < 1 || w > width || h < 1 || h > height) continue;
            int top = random.NextIndex(height - h + 1);
            int left = random.NextIndex(width - w + 1);
            return Box(left, top, w, h, width, height);
        }

        double whole = (double)width / height;
        int boxWidth = whole > Options.MaximumRatio ? (int)Math.Round(height * Options.MaximumRatio) : width;
        int boxHeight = whole < 1 / Options.MaximumRatio ? (int)Math.Round(width * Options.MaximumRatio) : height;
        return Box((width - boxWidth) / 2, (height - boxHeight) / 2, boxWidth, boxHeight, width, height);
    }

    private static CropBox Box(int left, int top, int w, int h, int width, int height) =>
        new((double)left / width, (double)top / height, (double)(left + w) / width, (double)(top + h) / height);

    private static double Around1(ref CounterRandom random, double spread) => random.NextDouble(1 - spread, 1 + spread);
}
