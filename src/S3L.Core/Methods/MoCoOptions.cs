namespace S3L.Core.Methods;

/// <summary>Settings of <see cref="MoCo"/>.</summary>
public sealed partial record MoCoOptions
{
    /// <summary>τ, by which cosines are divided; above 0, default 0.2 (MoCo v2, arXiv 2003.04297).</summary>
    public double Temperature
    {
        get;
        init => field = Guard.Positive(value, nameof(Temperature));
    } = 0.2;

    /// <summary>
    /// m in θk ← m θk + (1 − m) θq, in [0, 1). Default null: follows the length of the run, 1 − 10/steps but within [0.9, 0.999].
    /// The papers' 0.999 needs about a thousand steps to forget its random start; in a run of a few hundred it learns nothing.
    /// </summary>
    public double? Momentum
    {
        get;
        init => field = value is { } m && !(m >= 0 && m < 1)
            ? throw new ArgumentOutOfRangeException(nameof(Momentum), m, "Momentum must be in [0, 1).")
            : value;
    }

    /// <summary>
    /// K: keys that are remembered, at least 1. Default null: the largest power of two not above the number of images, at most 65,536
    /// (CUB-200 4,096 and ImageNet 65,536 in the papers' scripts).
    /// </summary>
    public int? QueueLength
    {
        get;
        init => field = value is { } length ? Guard.AtLeast(length, 1, nameof(QueueLength)) : null;
    }

    /// <summary>E: length of an embedding; at least 1, default 128.</summary>
    public int EmbeddingDimension
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(EmbeddingDimension));
    } = 128;

    /// <summary>Linear layers of the projector: 1 in v1, 2 in v2 (default), each hidden one as wide as the features.</summary>
    public int HeadLayers
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(HeadLayers));
    } = 2;
}
