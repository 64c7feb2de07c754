namespace S3L.Core.Data;

/// <summary>One picture cannot be used: it is damaged, truncated, of an unknown format, or its bytes cannot be read.</summary>
/// <remarks>Concerns that picture alone; the others of its data set may well be readable.</remarks>
public sealed class UnreadableImageException : Exception
{
    /// <summary>Says why a picture cannot be used.</summary>
    /// <param name="pictureName">Which picture, as <see cref="IImageDataset.GetName"/> gives it; null where only bytes are known.</param>
    /// <param name="reason">Why, as the end of a sentence without a full stop.</param>
    /// <param name="innerException">What was thrown below, if anything.</param>
    public UnreadableImageException(string? pictureName, string reason, Exception? innerException = null)
        : base(pictureName is null ? $"Unreadable picture: {reason}." : $"Unreadable picture '{pictureName}': {reason}.", innerException)
    {
        PictureName = pictureName;
        Reason = reason;
    }

    /// <summary>Which picture, or null where only bytes are known.</summary>
    public string? PictureName { get; }

    /// <summary>Why, as the end of a sentence without a full stop.</summary>
    public string Reason { get; }

    /// <summary>
    /// Whether its bytes could not be got at, as where a share is away or a right is missing, and nothing is known to be wrong with them. A
    /// cache file does without such a picture only until it can be read.
    /// </summary>
    public bool IsTransient { get; init; }
}
