namespace S3L.Core.Data;

/// <summary>A picture that could not be read.</summary>
/// <param name="Name">Its path within the source.</param>
/// <param name="Reason">Why.</param>
public sealed record SkippedImage(string Name, string Reason);
