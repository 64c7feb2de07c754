using System.Diagnostics;
using System.Runtime.ExceptionServices;
using S3L.Core.Engine;

namespace S3L.Core.Backbones;

/// <summary>Finds out in which format a network is trained fastest, by a few passes of a twin forth and back.</summary>
/// <remarks>
/// All formats take turns, so that other work on the machine, which comes and goes, does not decide. Those that are far behind have no further
/// turn.
/// </remarks>
internal static class FormatProbe
{
    // Few pictures tell the formats that are far behind; the last ones are told apart with all of them. A first pass also takes memory and chooses
    // algorithms, which no later one does, so the first turn with so many pictures drops less than the next.
    // Each number is of a turn: how many times as long as the fastest a format may take to have the next one.
    private static readonly double[] FewPictures = [3, 1.5];
    private static readonly double[] AllPictures = [1.5, 1.15, 1];

    // Fewer leave vectors empty that run along the batch.
    private const int LeastImages = 32;

    private const int ShareOfImages = 4;

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
        using DisposeScope scope = torch.NewDisposeScope();
        Contender[] all = [.. Formats(wanted, twin, device).Select(format => new Contender(format))];
        List<Contender> left = [.. all];
        // A GPU is not filled by few.
        int few = device.type == DeviceType.CPU ? Math.Max(images / ShareOfImages, LeastImages) : images;
        if (few < images) Compete(left, FewPictures, twin, NetworkFormat.Pattern(few, resolution, device), isReplayed);
        Compete(left, AllPictures, twin, NetworkFormat.Pattern(images, resolution, device), isReplayed);
        return new FormatChoice(left.MinBy(c => c.Seconds)!.Format,
            FormattableString.Invariant($"fastest of {string.Join(", ", all.AsEnumerable())} for {images} images of {resolution} px"))
        {
            IsForGood = !all.Any(c => c.LacksMemory),
        };
    }

    private static IEnumerable<NetworkFormat> Formats(Precision wanted, IBackbone network, torch.Device device)
    {
        Precision[] numbers = wanted == Precision.Auto ? [Precision.BFloat16, Precision.Float32] : [wanted];
        int turnable = network is IBatchInnermost && device.type == DeviceType.CPU ? network.StageCount : 0;
        foreach (Precision precision in numbers)
        {
            yield return new NetworkFormat(precision, ChannelsLast: true);
            yield return new NetworkFormat(precision, ChannelsLast: false);
            for (int stage = 0; stage < turnable; stage++) yield return new NetworkFormat(precision, ChannelsLast: true, stage);
        }
    }

    /// <summary>Lets formats take turns, and removes those that fail or fall behind.</summary>
    private static void Compete(List<Contender> left, double[] limits, IBackbone twin, torch.Tensor batch, bool isReplayed)
    {
        foreach (Contender contender in left) contender.StartAnew(batch.size(0));
        foreach (double limit in limits)
        {
            ExceptionDispatchInfo? failure = null;
            foreach (Contender contender in left)
            {
                try
                {
                    contender.Try(Time(contender.Format, twin, batch, isReplayed));
                }
                catch (Exception e) when (EngineSeam.IsError(e))
                {
                    // Another one may do: bfloat16 takes half of the memory of float32, and some operations exist in float32 alone.
                    failure = ExceptionDispatchInfo.Capture(e);
                    contender.Error = e;
                    twin.Network.zero_grad();
                }
            }

            left.RemoveAll(c => c.HasFailed);
            if (left.Count == 0) failure!.Throw();
            double best = left.Min(c => c.Seconds);
            left.RemoveAll(c => c.Seconds > limit * best);
            if (left.Count == 1) return;
        }
    }

    /// <summary>Seconds of a pass forth and back.</summary>
    private static double Time(NetworkFormat format, IBackbone twin, torch.Tensor batch, bool isReplayed)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        format.ApplyTo(twin.Network);
        using IRecording? recording = isReplayed ? EngineSeam.NewRecording(batch.device, out _) : null;
        recording?.Rehearse(Pass);
        recording?.Rehearse(Pass);
        Action run = recording is not null && recording.Record(Pass) is null ? recording.Replay : Pass;
        if (batch.device_type == DeviceType.CUDA) Seconds(run);
        double seconds = Seconds(run);
        twin.Network.zero_grad();
        return seconds;

        void Pass()
        {
            using DisposeScope inner = torch.NewDisposeScope();
            twin.Network.zero_grad();
            format.Pass(twin, batch);
        }

        double Seconds(Action action)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            if (batch.device_type == DeviceType.CUDA) torch.cuda.synchronize(batch.device);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <summary>A format with what it takes, or why it cannot be used.</summary>
    private sealed class Contender(NetworkFormat format)
    {
        private long _images;

        internal NetworkFormat Format => format;

        /// <summary>Of the fastest pass.</summary>
        internal double Seconds { get; private set; }

        internal Exception? Error { private get; set; }

        internal bool HasFailed => Error is not null;

        internal bool LacksMemory => Error is not null && EngineSeam.IsOutOfMemory(Error);

        /// <summary>Forgets passes with another number of pictures.</summary>
        internal void StartAnew(long images) => (_images, Seconds) = (images, double.PositiveInfinity);

        internal void Try(double seconds) => Seconds = Math.Min(Seconds, seconds);

        public override string ToString()
        {
            string outcome = Error is null ? FormattableString.Invariant($"{_images / Seconds:f0} images/s")
                : LacksMemory ? "without enough memory"
                : $"not possible ({Error.Message.Split('\n')[0]})";
            return $"{format.Describe()} {outcome}";
        }
    }
}
