namespace S3L.Core.Training;

/// <summary>What a probe said of the backbone after an epoch.</summary>
/// <param name="Epoch">Epochs of the run that were over.</param>
/// <param name="RunStep">Steps of the run that were made.</param>
/// <param name="Score">The score; higher is better.</param>
public sealed record EpochScore(int Epoch, long RunStep, double Score);
