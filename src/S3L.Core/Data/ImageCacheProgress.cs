namespace S3L.Core.Data;

/// <summary>How far the decoding of a data set is.</summary>
/// <param name="Done">Pictures looked at.</param>
/// <param name="Count">Pictures of the data set.</param>
/// <param name="Skipped">Pictures that could not be read.</param>
/// <param name="Elapsed">Time since the start.</param>
public sealed record ImageCacheProgress(int Done, int Count, int Skipped, TimeSpan Elapsed);
