namespace S3L.Core.Backbones;

/// <summary>What the frozen stages of a backbone do while the others are trained.</summary>
public enum FrozenStatistics
{
    /// <summary>They compute as in evaluation: normalisation uses the gathered statistics and leaves them as they are.</summary>
    Frozen,

    /// <summary>
    /// They compute as in training: normalisation uses those of the batch and goes on gathering, and EfficientNet goes on leaving out blocks. So
    /// does the published script of S3L (arXiv 2103.13559).
    /// </summary>
    Moving,
}
