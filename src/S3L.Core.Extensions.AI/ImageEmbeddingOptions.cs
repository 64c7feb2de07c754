using S3L.Core.Augmentation;

namespace S3L.Core.Extensions.AI;

/// <summary>How an <see cref="ImageEmbeddingGenerator"/> works.</summary>
public sealed record ImageEmbeddingOptions
{
    /// <summary>What colours are normalised by; must be those of the training. Default: <see cref="ColorStatistics.ImageNet"/>.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public ColorStatistics Statistics
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Statistics));
    } = ColorStatistics.ImageNet;

    /// <summary>Pictures that the network sees at a time, at least 1, default 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int BatchSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(BatchSize));
            field = value;
        }
    } = 64;

    /// <summary>Whether embeddings have length 1, so that their dot product is the cosine. Default true.</summary>
    public bool UnitLength { get; init; } = true;
}
