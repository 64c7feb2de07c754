namespace S3L.Core.Data;

/// <summary>A picture that could not be read.</summary>
/// <param name="Index">Its number in the data set.</param>
/// <param name="Reason">Why.</param>
/// <param name="IsTransient">Whether it may be readable another time.</param>
internal sealed record UnreadableRow(int Index, string Reason, bool IsTransient);
