namespace S3L.Core.Evaluation;

/// <summary>One answer of a search.</summary>
/// <param name="Index">Number of the row that was found.</param>
/// <param name="Key">What it was added as.</param>
/// <param name="Cosine">How alike it is, in [−1, 1].</param>
public sealed record EmbeddingMatch(int Index, string Key, float Cosine);
