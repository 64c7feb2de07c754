using S3L.Core.Engine;

namespace S3L.Core.Losses;

/// <summary>
/// Self-distillation towards a flatter form of a row's own softmax: p = softmax(c), u = p^e normalised to sum 1, without gradient;
/// L = mean over N of Σ p (log p − log u), or of Σ u (log u − log p).
/// </summary>
/// <remarks>
/// Source: arXiv 2404.19289, section 3.3 (e = ½, hence SqrtKL). The softmax has no temperature. Computed in float32, also under autocast.
/// </remarks>
public sealed class SqrtKlLoss
{
    /// <summary>A loss of one exponent and direction.</summary>
    /// <param name="exponent">e; above 0. 1 makes the target equal to the softmax, hence the loss 0.</param>
    /// <param name="direction">Which of the two distributions is averaged over.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="exponent"/> is not a finite number above 0, or the direction is none.
    /// </exception>
    public SqrtKlLoss(double exponent = 0.5, KlDirection direction = KlDirection.FromOutput)
    {
        Exponent = Guard.Positive(exponent, nameof(exponent));
        Direction = Guard.Defined(direction, nameof(direction));
    }

    /// <summary>e, the power that flattens the target.</summary>
    public double Exponent { get; }

    /// <summary>Which of the two distributions is averaged over.</summary>
    public KlDirection Direction { get; }

    /// <summary>The loss of a batch.</summary>
    /// <param name="cosines">[N, C]: embeddings against candidates; receive gradient.</param>
    /// <returns>A scalar of at least 0: the mean over N, in nats.</returns>
    /// <exception cref="ArgumentException">The shape does not fit.</exception>
    public torch.Tensor Compute(torch.Tensor cosines)
    {
        Guard.Rows(cosines, 1, nameof(cosines));
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable full = EngineSeam.FullPrecision(cosines.device_type);
        torch.Tensor c = cosines.to(torch.float32);
        torch.Tensor logP = c.log_softmax(1);                                                       // [N, C]
        // p^e normalised is the softmax of e × c: the logarithm of the first sum cancels.
        torch.Tensor logU = (c.detach() * Exponent).log_softmax(1);
        torch.Tensor divergence = Direction == KlDirection.FromOutput
            ? (logP.exp() * (logP - logU)).sum(1)
            : (logU.exp() * (logU - logP)).sum(1);
        return divergence.mean().MoveToOuterDisposeScope();
    }
}
