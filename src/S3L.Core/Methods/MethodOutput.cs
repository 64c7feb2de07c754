namespace S3L.Core.Methods;

/// <summary>What a method computed from one batch.</summary>
/// <param name="Loss">A scalar with gradient.</param>
/// <param name="Embeddings">[N, E]: the batch's embeddings without gradient, for watching their spread.</param>
/// <param name="Positives">[N, E]: what each embedding is drawn to, without gradient, for watching similarities; null where there is none.</param>
public sealed record MethodOutput(torch.Tensor Loss, torch.Tensor Embeddings, torch.Tensor? Positives = null)
{
    /// <summary>Takes all tensors out of every scope.</summary>
    internal MethodOutput Keep()
    {
        Loss.DetachFromDisposeScope();
        Embeddings.DetachFromDisposeScope();
        Positives?.DetachFromDisposeScope();
        return this;
    }

    /// <summary>Disposes all tensors.</summary>
    internal void Dispose()
    {
        Loss.Dispose();
        Embeddings.Dispose();
        Positives?.Dispose();
    }

    /// <summary>Moves all tensors to the scope outside the current one.</summary>
    internal MethodOutput MoveOut()
    {
        Loss.MoveToOuterDisposeScope();
        Embeddings.MoveToOuterDisposeScope();
        Positives?.MoveToOuterDisposeScope();
        return this;
    }
}
