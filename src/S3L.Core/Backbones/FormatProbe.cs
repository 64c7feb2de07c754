using System.Diagnostics;
using System.Runtime.ExceptionServices;
using S3L.Core.Engine;

namespace S3L.Core.Backbones;

/// <summary>Finds out in which format a network is trained fastest, by a few passes of a twin forth and back.</summary>
internal static class FormatProbe
{
    private const int Runs = 3;

    // What took so long needs no repetition: other work on the machine disturbs long runs less.
    private const double LongSeconds = 0.3;

    // Slower by so much, a format is not worth more runs, and neither are those that have more of what slows it down.
    private const double Hopeless = 1.15;

    /// <param name="backbone">The network, which is not changed.</param>
    /// <param name="resolution">Height and width of its pictures, in pixels.</param>
    /// <param name="images">Pictures per pass.</param>
    /// <param name="device">Where it is trained.</param>
    /// <param name="isReplayed">Whether its passes will be replayed; what a GPU's launches cost then does not count.</param>
    internal static FormatChoice Measure(IBackbone backbone, int resolution, int images, torch.Device device, bool isReplayed)
    {
        // The twin draws random weights, and some networks draw in each pass: the user's random numbers must not change by that.
        using var kept = new KeptRandomNumbers(device);
        using IBackbone twin = backbone.CreateTwin();
        List<(NetworkFormat Format, double Seconds)> measured = MeasureTwin(twin, resolution, images, device, isReplayed);
        string times = string.Join(", ", measured.Select(m => FormattableString.Invariant($"{m.Format.Describe()} {Text(m.Seconds)}")));
        return new FormatChoice(measured.MinBy(m => m.Seconds).Format, $"fastest of {times} per {images} images at {resolution} px")
        {
            IsForGood = measured.All(m => double.IsFinite(m.Seconds)),
        };

        static string Text(double seconds) =>
            double.IsFinite(seconds) ? FormattableString.Invariant($"{seconds * 1000:f1} ms") : "without enough memory";
    }

    private static List<(NetworkFormat Format, double Seconds)> MeasureTwin(IBackbone twin, int resolution, int images, torch.Device device,
        bool isReplayed)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor batch = NetworkFormat.Pattern(images, resolution, device);
        var measured = new List<(NetworkFormat Format, double Seconds)>();
        double best = double.PositiveInfinity;
        ExceptionDispatchInfo? shortage = null;
        Add(NetworkFormat.Coarse);
        Add(NetworkFormat.Plain);
        if (!double.IsFinite(best)) shortage!.Throw();
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
            double seconds = double.PositiveInfinity;
            try
            {
                seconds = Time(format, twin, batch, best, isReplayed);
            }
            catch (Exception e) when (EngineSeam.IsOutOfMemory(e))
            {
                // Another one may fit: bfloat16 takes half of what float32 takes.
                shortage = ExceptionDispatchInfo.Capture(e);
                twin.Network.zero_grad();
            }

            best = Math.Min(best, seconds);
            measured.Add((format, seconds));
            return seconds;
        }
    }

    /// <summary>Seconds of the fastest of some runs, after those that are not counted; of fewer where they are long or far behind the best.</summary>
    private static double Time(NetworkFormat format, IBackbone twin, torch.Tensor batch, double best, bool isReplayed)
    {
        format.ApplyTo(twin.Network);
        torch.Tensor input = format.Arrange(batch);
        using IRecording? recording = isReplayed ? EngineSeam.NewRecording(batch.device, out _) : null;
        recording?.Rehearse(Pass);
        recording?.Rehearse(Pass);
        Action run = recording is not null && recording.Record(Pass) is null ? recording.Replay : Pass;
        Seconds(run);
        double least = Seconds(run);
        for (int i = 1; i < Runs && least < Math.Min(Hopeless * best, LongSeconds); i++) least = Math.Min(least, Seconds(run));
        twin.Network.zero_grad();
        return least;

        void Pass()
        {
            using DisposeScope scope = torch.NewDisposeScope();
            twin.Network.zero_grad();
            format.Pass(twin, input);
        }

        double Seconds(Action action)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            if (batch.device_type == DeviceType.CUDA) torch.cuda.synchronize(batch.device);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
