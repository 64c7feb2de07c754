namespace S3L.Core.Methods;

/// <summary>Settings of <see cref="SimClr"/>.</summary>
public sealed partial record SimClrOptions
{
    /// <summary>τ, by which cosines are divided; above 0, default 0.1 (S3L's scripts; SimCLR's paper: 0.1 on ImageNet, 0.5 on CIFAR-10).</summary>
    public double Temperature
    {
        get;
        init => field = Guard.Positive(value, nameof(Temperature));
    } = 0.1;

    /// <summary>E: length of an embedding; at least 1, default 128.</summary>
    public int EmbeddingDimension
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(EmbeddingDimension));
    } = 128;

    /// <summary>Linear layers of the projector, each hidden one as wide as the features; at least 1, default 2.</summary>
    public int HeadLayers
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(HeadLayers));
    } = 2;
}
