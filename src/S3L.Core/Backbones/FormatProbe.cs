using System.Diagnostics;

namespace S3L.Core.Backbones;

/// <summary>Finds out in which format a network is trained fastest, by a few passes of a twin forth and back.</summary>
internal static class FormatProbe
{
    private const int Runs = 3;

    // What took so long needs no repetition: other work on the machine disturbs long runs less.
    private const double LongSeconds = 0.3;

    // Slower by so much, a format is not worth more runs, and neither are those that have more of what slows it down.
    private const double Hopeless = 1.15;

    internal static FormatChoice Measure(IBackbone backbone, int resolution, int images, torch.Device device)
    {
        // The twin draws random weights, and some networks draw in each pass: the user's random numbers must not change by that.
        using torch.Generator generator = torch.Generator.Default;
        using torch.Tensor before = generator.get_state();
        try
        {
            using IBackbone twin = backbone.CreateTwin();
            List<(NetworkFormat Format, double Seconds)> measured = MeasureTwin(twin, resolution, images, device);
            string times = string.Join(", ", measured.Select(m => FormattableString.Invariant($"{m.Format.Describe()} {m.Seconds * 1000:f0} ms")));
            return new FormatChoice(measured.MinBy(m => m.Seconds).Format, $"fastest of {times} per {images} images at {resolution} px");
        }
        finally
        {
            generator.set_state(before);
        }
    }

    private static List<(NetworkFormat Format, double Seconds)> MeasureTwin(IBackbone twin, int resolution, int images, torch.Device device)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor batch = NetworkFormat.Pattern(images, resolution, device);
        var measured = new List<(NetworkFormat Format, double Seconds)>();
        double best = double.PositiveInfinity;
        Add(NetworkFormat.Coarse);
        Add(NetworkFormat.Plain);
        if (best < measured[0].Seconds || twin is not IBatchInnermost || device.type != DeviceType.CPU) return measured;

        // Maps shrink from stage to stage, so what does not pay at one does not pay at the one before.
        double last = best;
        for (int stage = twin.StageCount - 1; stage >= 0 && last < Hopeless * best; stage--)
        {
            last = Add(NetworkFormat.Coarse with { BatchInnermostFrom = stage });
        }

        return measured;

        double Add(NetworkFormat format)
        {
            double seconds = Time(format, twin, batch, best);
            best = Math.Min(best, seconds);
            measured.Add((format, seconds));
            return seconds;
        }
    }

    /// <summary>Seconds of the fastest of some runs, after one that is not counted; of fewer where they are long or far behind the best.</summary>
    private static double Time(NetworkFormat format, IBackbone twin, torch.Tensor batch, double best)
    {
        format.ApplyTo(twin.Network);
        torch.Tensor input = format.Arrange(batch);
        Run(format, twin, input);
        double least = Run(format, twin, input);
        for (int run = 1; run < Runs && least < Math.Min(Hopeless * best, LongSeconds); run++) least = Math.Min(least, Run(format, twin, input));
        return least;
    }

    private static double Run(NetworkFormat format, IBackbone backbone, torch.Tensor images)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        format.Pass(backbone, images);
        if (images.device_type == DeviceType.CUDA) torch.cuda.synchronize();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        backbone.Network.zero_grad();
        return seconds;
    }
}
