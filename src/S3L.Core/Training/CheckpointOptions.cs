namespace S3L.Core.Training;

/// <summary>Where and how often a run is saved, so that it can go on after it was ended, however it was ended.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Checkpoints in a folder, which is made where it is missing.</summary>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty.</exception>
    public CheckpointOptions(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = folder;
    }

    /// <summary>The folder. A run has one of its own.</summary>
    public string Folder { get; }

    /// <summary>Steps between checkpoints, at least 1; null writes one at the end of each epoch but the last of the run.</summary>
    public long? EverySteps
    {
        get;
        init => field = value is { } steps ? Guard.AtLeast(steps, 1L, nameof(EverySteps)) : null;
    }

    /// <summary>Checkpoints that are kept, newest first; at least 2, so that one may be damaged. Default 2.</summary>
    public int KeepLast
    {
        get;
        init => field = Guard.AtLeast(value, 2, nameof(KeepLast));
    } = 2;

    /// <summary>
    /// Whether to go on from the newest undamaged checkpoint in the folder, or from the best where that is the only one; where there is none,
    /// the run starts from its beginning. Without it, a folder that holds checkpoints is refused: they would be lost. Default false.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>
    /// Whether a run that is cancelled is saved where it stops, default true, so that no step is made twice; not where it looks collapsed or
    /// diverged, nor while a stage fills a memory anew. With <see cref="GuardAction.RollBack"/> that place is then one to go back to.
    /// </summary>
    public bool SaveWhenCancelled { get; init; } = true;
}
