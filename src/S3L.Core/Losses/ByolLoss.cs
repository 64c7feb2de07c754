using S3L.Core.Engine;

namespace S3L.Core.Losses;

/// <summary>Squared distance between unit predictions and unit targets: L = mean over N of 2 − 2 p·z / (‖p‖ ‖z‖).</summary>
/// <remarks>
/// Source: BYOL, arXiv 2006.07733, equation 2; the sum over both directions is the method's. The targets receive no gradient. Computed in
/// float32, also under autocast.
/// </remarks>
public static class ByolLoss
{
    /// <summary>The loss of one direction.</summary>
    /// <param name="predictions">[N, E], of any length; receive gradient.</param>
    /// <param name="targets">[N, E], of any length; receive none.</param>
    /// <returns>A scalar in [0, 4]: the mean over N.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public static torch.Tensor Compute(torch.Tensor predictions, torch.Tensor targets)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor negative = NegativeCosineLoss.Compute(predictions, targets);
        using IDisposable full = EngineSeam.FullPrecision(predictions.device_type);
        return (negative * 2 + 2).MoveToOuterDisposeScope();
    }
}
