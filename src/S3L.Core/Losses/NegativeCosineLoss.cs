using S3L.Core.Engine;

namespace S3L.Core.Losses;

/// <summary>Minus the cosine between predictions and targets: L = −mean over N of p·z / (‖p‖ ‖z‖).</summary>
/// <remarks>
/// Source: SimSiam, arXiv 2011.10566, equation 1. The targets receive no gradient: the stop-gradient belongs to the loss there, and
/// leaving it out lets the representation collapse. Computed in float32, also under autocast.
/// </remarks>
public static class NegativeCosineLoss
{
    /// <summary>The loss of a batch.</summary>
    /// <param name="predictions">[N, E], of any length; receive gradient.</param>
    /// <param name="targets">[N, E], of any length; receive none.</param>
    /// <returns>A scalar in [−1, 1]: the mean over N.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public static torch.Tensor Compute(torch.Tensor predictions, torch.Tensor targets)
    {
        Guard.Rows(predictions, 1, nameof(predictions));
        Guard.Rows(targets, 1, nameof(targets));
        Guard.SameShape(targets, predictions, nameof(targets), nameof(predictions));

        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable full = EngineSeam.FullPrecision(predictions.device_type);
        torch.Tensor p = UnitRows.Of(predictions);
        torch.Tensor z = UnitRows.Of(targets.detach());
        return (p * z).sum(1).mean().neg().MoveToOuterDisposeScope();
    }
}
