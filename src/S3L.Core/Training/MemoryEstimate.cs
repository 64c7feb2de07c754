using S3L.Core.Backbones;
using S3L.Core.Engine;
using S3L.Core.Methods;

namespace S3L.Core.Training;

/// <summary>What a stage will take of a GPU's memory at most, as far as it can be told before its first step.</summary>
/// <param name="Present">Bytes there already: weights, copies, optimizer, data set.</param>
/// <param name="Gradients">Bytes of all gradients.</param>
/// <param name="PerImage">Bytes per picture of the batch: views, and what each keeps until its backward pass.</param>
/// <param name="BatchSize">Pictures per step.</param>
/// <param name="Free">Bytes of the GPU that this process could get before the stage.</param>
/// <param name="Total">Bytes of the GPU.</param>
internal sealed record MemoryEstimate(long Present, long Gradients, long PerImage, int BatchSize, long Free, long Total)
{
    // Pictures as numbers, twice with all their channels and once as they come from the resampler, and the colours' intermediate results.
    private const int CopiesOfView = 6;

    internal long Bytes => Present + Gradients + (PerImage * BatchSize);

    /// <summary>What this process has, or could get.</summary>
    internal long Available => Present + Free;

    /// <summary>The largest batch of which this says that it fits; 0 where none does.</summary>
    internal int LargestBatch => (int)Math.Clamp((Available - Present - Gradients) / Math.Max(PerImage, 1), 0, int.MaxValue);

    /// <summary>The estimate, or null where nothing can be known.</summary>
    internal static MemoryEstimate? Of(IContrastiveMethod method, NetworkFormat format, int resolution, int batchSize, torch.Device device)
    {
        if (MemoryProbe.BytesPerImage(method.Backbone, format, resolution, batchSize, device) is not { } bytes) return null;
        if (EngineSeam.MemoryOf(device) is not var (used, free, total)) return null;
        long gradients = method.State.parameters().Where(p => p.requires_grad).Sum(p => p.numel() * sizeof(float));
        long view = 3L * resolution * resolution * sizeof(float);
        // As if all views kept what they need for a backward pass; those of a momentum copy keep nothing.
        return new MemoryEstimate(used, gradients, method.ViewCount * (bytes + (CopiesOfView * view)), batchSize, free, total);
    }

    /// <summary>The estimate as a sentence of a message that memory ran out all the same.</summary>
    internal string InRetrospect
    {
        get
        {
            int fits = LargestBatch;
            string advice = fits > 0 && fits < BatchSize ? $"; by that, a batch of {fits} fits" : "";
            return $" Before the stage {this} were expected{advice}.";
        }
    }

    public override string ToString() => $"at most {Size(Bytes)} of {Size(Available)} that can be had of {Size(Total)}";

    private static string Size(long bytes) => FormattableString.Invariant($"{bytes / (double)(1 << 30):f2} GiB");
}
