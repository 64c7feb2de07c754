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

    /// <param name="wanted">Auto for any number format, or the one that is asked for, whose layouts are measured.</param>
    /// <param name="backbone">The network, which is not changed.</param>
    /// <param name="resolution">Height and width of its pictures, in pixels.</param>
    /// <param name="images">Pictures per pass.</param>
    /// <param name="device">Where it is trained.</param>
    /// <param name="isReplayed">Whether its passes will be replayed; what a GPU's launches cost then does not count.</param>
    internal static FormatChoice Measure(Precision wanted, IBackbone backbone, int resolution, int images, torch.Device device, bool isReplayed)
    {
        // The twin draws random weights, and some networks draw in each pass: the user's random numbers must not change by that.
        using var kept = new KeptRandomNumbers(device);
        using IBackbone twin = backbone.CreateTwin();
        List<Measurement> measured = MeasureTwin(wanted, twin, resolution, images, device, isReplayed);
        return new FormatChoice(measured.MinBy(m => m.Seconds)!.Format,
            $"fastest of {string.Join(", ", measured)} per {images} images at {resolution} px")
        {
            IsForGood = !measured.Exists(m => m.LacksMemory),
        };
    }

    private static List<Measurement> MeasureTwin(Precision wanted, IBackbone twin, int resolution, int images, torch.Device device, bool isReplayed)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor batch = NetworkFormat.Pattern(images, resolution, device);
        var measured = new List<Measurement>();
        double best = double.PositiveInfinity;
        ExceptionDispatchInfo? failure = null;
        Add(NetworkFormat.Coarse);
        if (wanted == Precision.Auto) Add(NetworkFormat.Plain);
        if (!double.IsFinite(best)) failure!.Throw();

        // The better number format in the other layouts too: the worse one loses by more than a layout gains.
        NetworkFormat better = measured.MinBy(m => m.Seconds)!.Format;
        Add(better with { ChannelsLast = !better.ChannelsLast });
        if (twin is not IBatchInnermost || device.type != DeviceType.CPU) return measured;

        // Maps shrink from stage to stage, so what does not pay at one does not pay at the one before.
        double last = best;
        for (int stage = twin.StageCount - 1; stage >= 0 && last < Hopeless * best; stage--)
        {
            last = Add(better with { ChannelsLast = true, BatchInnermostFrom = stage });
        }

        return measured;

        double Add(NetworkFormat format)
        {
            Measurement measurement;
            try
            {
                measurement = new Measurement(format, Time(format, twin, batch, best, isReplayed), null);
            }
            catch (Exception e) when (EngineSeam.IsError(e))
            {
                // Another one may do: bfloat16 takes half of the memory of float32, and some operations exist in float32 alone.
                failure = ExceptionDispatchInfo.Capture(e);
                measurement = new Measurement(format, double.PositiveInfinity, e);
                twin.Network.zero_grad();
            }

            best = Math.Min(best, measurement.Seconds);
            measured.Add(measurement);
            return measurement.Seconds;
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

    /// <summary>What a format takes, or why it cannot be used.</summary>
    private sealed record Measurement(NetworkFormat Format, double Seconds, Exception? Error)
    {
        public bool LacksMemory => Error is not null && EngineSeam.IsOutOfMemory(Error);

        public override string ToString()
        {
            string outcome = Error is null ? FormattableString.Invariant($"{Seconds * 1000:f1} ms")
                : LacksMemory ? "without enough memory"
                : $"not possible ({Error.Message.Split('\n')[0]})";
            return $"{Format.Describe()} {outcome}";
        }
    }
}
