namespace S3L.Core.Methods;

/// <summary>What a method computed from one batch.</summary>
/// <param name="Loss">A scalar with gradient.</param>
/// <param name="Embeddings">[N, E]: the batch's embeddings without gradient, for watching their spread.</param>
public sealed record MethodOutput(torch.Tensor Loss, torch.Tensor Embeddings);
