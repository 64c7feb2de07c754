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
    /// m in θk ← m θk + (1 − m) θq, in [0, 1). Default null: follows the length of the run, 1 − 10/steps but within [0.99, 0.999].
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
    /// K: keys that are remembered, at least 1. Default null: follows the momentum, so that the oldest keys are of nearly the same network
    /// as the newest: a power of two near N / (10 (1 − m)), at least two batches, at most the images and 65,536. A long queue behind a fast
    /// copy lets the network tell now from then instead of picture from picture: embeddings come to lie on one line.
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

    /// <summary>
    /// Parts of the key batch that are normalised apart, each of at least two images; at least 1, default 1. The papers shuffle keys among
    /// several GPUs so that batch statistics do not betray which key belongs to which query; on one device, groups do (8 in MoCo's CIFAR-10
    /// example). Keys and queries are of different views and pass apart in any case.
    /// </summary>
    public int KeyGroups
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(KeyGroups));
    } = 1;

    /// <summary>
    /// Whether each view is query once and key once, default false. The losses of both directions are added, and both sets of keys enter the
    /// queue after them. Twice the work of a step.
    /// </summary>
    public bool Symmetric { get; init; }
}
