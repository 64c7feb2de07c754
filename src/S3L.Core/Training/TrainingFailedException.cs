namespace S3L.Core.Training;

/// <summary>A run that cannot be gone on with: it diverged, collapsed while the guard was told to stop, or ran out of memory.</summary>
public sealed class TrainingFailedException : Exception
{
    /// <summary>For what was noticed.</summary>
    public TrainingFailedException(TrainingWarning warning, string? lastCheckpoint = null, Exception? innerException = null)
        : base(lastCheckpoint is null ? Checked(warning).Message : $"{Checked(warning).Message} The last good checkpoint is {lastCheckpoint}.",
            innerException)
    {
        Warning = warning;
        LastCheckpoint = lastCheckpoint;
    }

    /// <summary>What happened, where, and what to try.</summary>
    public TrainingWarning Warning { get; }

    /// <summary>File of the last state that was healthy; null where none was written.</summary>
    public string? LastCheckpoint { get; }

    private static TrainingWarning Checked(TrainingWarning warning)
    {
        ArgumentNullException.ThrowIfNull(warning);
        return warning;
    }
}
