using S3L.Core.Engine;

namespace S3L.Core.Losses;

/// <summary>
/// Cross-entropy of telling each query's own key from negatives: L = mean over N of −log( e^{q·k/τ} / (e^{q·k/τ} + Σ_j e^{q·n_j/τ}) ).
/// </summary>
/// <remarks>
/// Source: MoCo, arXiv 1911.05722, equation 1. Computed in float32, also under autocast. Nothing departs from the paper.
/// </remarks>
public sealed class InfoNceLoss
{
    /// <summary>A loss of one temperature.</summary>
    /// <param name="temperature">τ, by which cosines are divided; above 0. MoCo v1 0.07, v2 0.2.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a finite number above 0.</exception>
    public InfoNceLoss(double temperature) => Temperature = Guard.Positive(temperature, nameof(temperature));

    /// <summary>τ, by which cosines are divided.</summary>
    public double Temperature { get; }

    /// <summary>The loss of a batch.</summary>
    /// <param name="queries">[N, E], unit rows; receive gradient.</param>
    /// <param name="keys">[N, E], unit rows; row i belongs to query i. Receive gradient where they require it; MoCo's do not.</param>
    /// <param name="negatives">[K, E], unit rows, the same for all queries.</param>
    /// <returns>A scalar: the mean over N, in nats.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public torch.Tensor Compute(torch.Tensor queries, torch.Tensor keys, torch.Tensor negatives)
    {
        Guard.Rows(queries, 1, nameof(queries));
        Guard.Rows(keys, 1, nameof(keys));
        Guard.SameShape(keys, queries, nameof(keys), nameof(queries));
        Guard.Rows(negatives, 1, nameof(negatives));
        if (negatives.size(1) != queries.size(1))
        {
            throw new ArgumentException(
                $"negatives must be [K, {queries.size(1)}], but is [{string.Join(", ", negatives.shape)}].", nameof(negatives));
        }

        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable full = EngineSeam.FullPrecision(queries.device_type);
        torch.Tensor q = queries.to(torch.float32);
        torch.Tensor positive = (q * keys.to(torch.float32)).sum(1, keepdim: true);                 // [N, 1]
        torch.Tensor negative = q.matmul(negatives.to(torch.float32).t());                          // [N, K]
        torch.Tensor logits = torch.cat([positive, negative], 1).div(Temperature);                  // [N, 1 + K]
        torch.Tensor target = torch.zeros(q.size(0), torch.int64, q.device);
        return torch.nn.functional.cross_entropy(logits, target).MoveToOuterDisposeScope();
    }
}
