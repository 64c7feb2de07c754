namespace S3L.Core.Training;

/// <summary>How healthy a step was: of one batch, measured at each report without waiting for the device before.</summary>
/// <param name="EmbeddingSpread">
/// Mean over features of the standard deviation of unit embeddings, times √E: 1 where they lie evenly on the sphere, 0 where all are equal.
/// The measure of SimSiam, arXiv 2011.10566, figure 2.
/// </param>
/// <param name="EffectiveRank">
/// In how many directions embeddings spread evenly: (Σ λ)² / Σ λ² of their covariance's eigenvalues λ, between 1 and the smaller of
/// N − 1 and E.
/// </param>
/// <param name="PositiveSimilarity">Mean cosine of embeddings and what they are drawn to; not a number where the method tells of none.</param>
/// <param name="NegativeSimilarity">Mean cosine of embeddings and what other images' embeddings are drawn to; as above.</param>
/// <param name="GradientNorm">Length of the gradient of all trained parameters together.</param>
/// <param name="WeightNorm">Length of all trained parameters together.</param>
public sealed record TrainingMetrics(double EmbeddingSpread, double EffectiveRank, double PositiveSimilarity, double NegativeSimilarity,
    double GradientNorm, double WeightNorm);
