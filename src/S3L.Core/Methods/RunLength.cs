using System.Numerics;

namespace S3L.Core.Methods;

/// <summary>Settings that follow from how long a run is.</summary>
internal static class RunLength
{
    /// <summary>
    /// The momentum of a copy that shall have forgotten its random start after a tenth of the run: 1 − 10/steps, within [0.99, 0.999]. A
    /// faster copy than that follows so closely that a network can please it without looking at pictures.
    /// </summary>
    internal static double MomentumFor(long steps) => Math.Clamp(1 - (10.0 / Math.Max(steps, 1)), 0.99, 0.999);

    /// <summary>
    /// The largest power of two whose oldest keys are of nearly the same network as the newest: while the queue is filled once, the copy
    /// takes over a tenth of the originals. At least two batches, at most the images and 65,536.
    /// </summary>
    internal static int QueueFor(double momentum, TrainingRun run)
    {
        // A little more than the quotient, which rounding may put just below a power of two.
        double fresh = run.BatchSize * 0.1 / Math.Max(1 - momentum, 1e-9) + 1e-6;
        double most = Math.Min(65_536, run.ImageCount);
        // Rounded up here, as the result is rounded down.
        uint twoBatches = BitOperations.RoundUpToPowerOf2(2 * (uint)run.BatchSize);
        uint length = (uint)Math.Clamp(fresh, Math.Min(twoBatches, most), most);
        return (int)(BitOperations.RoundUpToPowerOf2(length + 1) / 2);
    }
}
