namespace S3L.Core.Recipes;

/// <summary>What pretraining took.</summary>
/// <param name="Steps">Steps that were made.</param>
/// <param name="Minutes">Time of all stages.</param>
/// <param name="ImagesPerSecond">Images per second; each image counts once, whatever its number of views.</param>
/// <param name="LastLoss">Mean loss of the last tenth of the steps.</param>
/// <param name="Warnings">What the guard noticed; empty for a healthy run.</param>
public sealed record PretrainingResult(long Steps, double Minutes, double ImagesPerSecond, double LastLoss, IReadOnlyList<string> Warnings);
