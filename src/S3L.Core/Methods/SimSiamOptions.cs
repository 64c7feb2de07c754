namespace S3L.Core.Methods;

/// <summary>Settings of <see cref="SimSiam"/>.</summary>
public sealed partial record SimSiamOptions
{
    /// <summary>Width of the projector and of the embeddings; at least 1, default 2,048 as in the paper.</summary>
    public int ProjectorWidth
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(ProjectorWidth));
    } = 2048;

    /// <summary>Linear layers of the projector; at least 1, default 3 (2 in the paper's CIFAR experiment).</summary>
    public int ProjectorLayers
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(ProjectorLayers));
    } = 3;

    /// <summary>Width of the predictor's hidden layer; at least 1, default 512: a bottleneck of a quarter.</summary>
    public int PredictorWidth
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(PredictorWidth));
    } = 512;
}
