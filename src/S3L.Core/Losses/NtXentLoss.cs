using S3L.Core.Engine;

namespace S3L.Core.Losses;

/// <summary>
/// Normalised temperature-scaled cross-entropy: each of 2N rows is told from the 2N − 2 rows of other images by its positive, the other view
/// of the same image. L = mean over 2N of −log( e^{z_i·z_p/τ} / Σ_{j≠i} e^{z_i·z_j/τ} ).
/// </summary>
/// <remarks>
/// Source: SimCLR, arXiv 2002.05709, equation 1. Computed in float32, also under autocast. A row is left out of its own sum before
/// the exponential, so no gradient flows through it. Departs from the S3L scripts, which multiply by τ/0.07.
/// </remarks>
public sealed class NtXentLoss
{
    /// <summary>A loss of one temperature.</summary>
    /// <param name="temperature">τ, by which cosines are divided; above 0. SimCLR 0.1 (ImageNet) and 0.5 (CIFAR-10).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a finite number above 0.</exception>
    public NtXentLoss(double temperature) => Temperature = Guard.Positive(temperature, nameof(temperature));

    /// <summary>τ, by which cosines are divided.</summary>
    public double Temperature { get; }

    /// <summary>The loss of a batch.</summary>
    /// <param name="first">[N, E], unit rows: one view of each image. Receive gradient.</param>
    /// <param name="second">[N, E], unit rows: the other view, in the same order. Receive gradient.</param>
    /// <returns>A scalar: the mean over 2N, in nats. It does not change when the views are exchanged.</returns>
    /// <exception cref="ArgumentException">A shape does not fit, or there is only one image, which leaves nothing to tell apart.</exception>
    public torch.Tensor Compute(torch.Tensor first, torch.Tensor second)
    {
        Guard.Rows(first, 2, nameof(first));
        Guard.Rows(second, 2, nameof(second));
        Guard.SameShape(second, first, nameof(second), nameof(first));

        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable full = EngineSeam.FullPrecision(first.device_type);
        long n = first.size(0);
        torch.Tensor rows = torch.cat([first, second], 0).to(torch.float32);                        // [2N, E]
        torch.Tensor itself = torch.eye(2 * n, dtype: torch.@bool, device: rows.device);
        torch.Tensor logits = rows.matmul(rows.t()).div(Temperature).masked_fill(itself, double.NegativeInfinity);
        torch.Tensor target = torch.arange(2 * n, torch.int64, rows.device).roll([n], [0]);
        return torch.nn.functional.cross_entropy(logits, target).MoveToOuterDisposeScope();
    }
}
