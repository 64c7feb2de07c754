namespace S3L.Core.Methods;

/// <summary>What is known of a run before its first step.</summary>
/// <param name="ImageCount">M: images in the data set.</param>
/// <param name="StepCount">Steps of the whole schedule.</param>
/// <param name="Device">Where the run takes place.</param>
public sealed record TrainingRun(int ImageCount, long StepCount, torch.Device Device)
{
    /// <summary>Images per step of the stage that comes next: the first, or the one before which the memory begins anew. Default 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Images per step of the stage that has fewest; default those of the first stage.</summary>
    public int LeastBatchSize
    {
        get => field > 0 ? field : BatchSize;
        init;
    }

    /// <summary>
    /// One augmented view of every image, in batches of at least two: [N, 3, R, R], and the images' numbers, [N] in int64. The tensors are
    /// disposed when the next batch is asked for. Empty where the caller has no images at hand.
    /// </summary>
    public IEnumerable<(torch.Tensor Images, torch.Tensor Indices)> EveryImage { get; init; } = [];

    /// <summary>
    /// Whether the method's state will be loaded from a checkpoint: then only buffers of the right shapes are needed, and
    /// <see cref="EveryImage"/> need not be passed through.
    /// </summary>
    public bool IsResumed { get; init; }
}
