using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>The loss became infinite or no number at all.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>At a step.</summary>
    public TrainingDivergedException(TrainingPosition position, double loss) : base(
        $"The loss became {loss} at step {position.RunStep} (stage {position.Stage + 1}, epoch {position.Epoch + 1}). " +
        "A lower learning rate, a warm-up, or float32 instead of bfloat16 usually helps.") => Position = position;

    /// <summary>The step.</summary>
    public TrainingPosition Position { get; }
}
