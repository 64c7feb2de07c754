using S3L.Core.Engine;

namespace S3L.Core.Losses;

/// <summary>Cross-entropy of telling each image's own candidate from the others: L = mean over N of −log softmax(c/τ)_target.</summary>
/// <remarks>
/// Source: arXiv 2404.19289, section 3. Takes the cosines between embeddings and bank rows, because <see cref="SqrtKlLoss"/> and the update
/// of the bank need the same ones. Computed in float32, also under autocast.
/// </remarks>
public sealed class InstanceDiscriminationLoss
{
    /// <summary>A loss of one temperature.</summary>
    /// <param name="temperature">τ, by which cosines are divided; above 0. The paper's script: 0.2.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a finite number above 0.</exception>
    public InstanceDiscriminationLoss(double temperature) => Temperature = Guard.Positive(temperature, nameof(temperature));

    /// <summary>τ, by which cosines are divided.</summary>
    public double Temperature { get; }

    /// <summary>The loss of a batch.</summary>
    /// <param name="cosines">[N, C]: embeddings against candidates; receive gradient.</param>
    /// <param name="targets">[N] in int64: the number of each row's own candidate, in [0, C).</param>
    /// <returns>A scalar: the mean over N, in nats.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public torch.Tensor Compute(torch.Tensor cosines, torch.Tensor targets)
    {
        CheckShapes(cosines, targets, nameof(targets));
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable full = EngineSeam.FullPrecision(cosines.device_type);
        return torch.nn.functional.cross_entropy(Logits(cosines), targets).MoveToOuterDisposeScope();
    }

    /// <summary>The loss of a batch whose images show parts of two pictures each (CutMix, arXiv 1905.04899).</summary>
    /// <param name="cosines">[N, C]: embeddings against candidates; receive gradient.</param>
    /// <param name="targets">[N] in int64: the candidate of the picture that fills most of the image, or not; see <paramref name="share"/>.</param>
    /// <param name="pasted">[N] in int64: the candidate of the picture that was pasted in.</param>
    /// <param name="share">A scalar in [0, 1]: the area that <paramref name="targets"/>' picture kept.</param>
    /// <returns>A scalar: share × loss of the targets + (1 − share) × loss of the pasted.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public torch.Tensor Compute(torch.Tensor cosines, torch.Tensor targets, torch.Tensor pasted, torch.Tensor share)
    {
        CheckShapes(cosines, targets, nameof(targets));
        CheckShapes(cosines, pasted, nameof(pasted));
        ArgumentNullException.ThrowIfNull(share);
        if (share.numel() != 1) throw new ArgumentException($"share must be one number, but is [{string.Join(", ", share.shape)}].", nameof(share));

        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable full = EngineSeam.FullPrecision(cosines.device_type);
        torch.Tensor logits = Logits(cosines);
        torch.Tensor kept = torch.nn.functional.cross_entropy(logits, targets);
        torch.Tensor other = torch.nn.functional.cross_entropy(logits, pasted);
        torch.Tensor part = share.to(torch.float32).reshape([]);
        return (kept * part + other * (1 - part)).MoveToOuterDisposeScope();
    }

    private torch.Tensor Logits(torch.Tensor cosines) => cosines.to(torch.float32).div(Temperature);

    private static void CheckShapes(torch.Tensor cosines, torch.Tensor targets, string name)
    {
        Guard.Rows(cosines, 1, nameof(cosines));
        ArgumentNullException.ThrowIfNull(targets, name);
        if (targets.ndim != 1 || targets.size(0) != cosines.size(0) || targets.dtype != torch.int64)
        {
            throw new ArgumentException(
                $"{name} must be [{cosines.size(0)}] in int64, but is [{string.Join(", ", targets.shape)}] in {targets.dtype}.", name);
        }
    }
}
