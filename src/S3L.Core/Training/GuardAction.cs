namespace S3L.Core.Training;

/// <summary>What the guard does about a run that has gone wrong.</summary>
public enum GuardAction
{
    /// <summary>Says so, in the log and in the result, and goes on.</summary>
    Warn,

    /// <summary>Ends the run with <see cref="TrainingFailedException"/>.</summary>
    Stop,

    /// <summary>Goes back to the last healthy state and goes on from there with half the learning rate; stops when that has not helped.</summary>
    RollBack,

    /// <summary>Does not look. A loss that is no number ends the run all the same.</summary>
    Off,
}
