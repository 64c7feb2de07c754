namespace S3L.Core.Training;

/// <summary>How a run goes wrong.</summary>
public enum TrainingFailure
{
    /// <summary>All embeddings have become equal, or lie on one line: the loss may look fine, the network has learned nothing.</summary>
    Collapse,

    /// <summary>Loss, gradient or weights grow without bound.</summary>
    Divergence,

    /// <summary>The device has not the memory that a step takes.</summary>
    OutOfMemory,
}
