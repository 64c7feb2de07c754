namespace S3L.Core.Evaluation;

/// <summary>How a fine-tuning is doing.</summary>
/// <param name="Epoch">Epochs that are done, those of the warm-up among them.</param>
/// <param name="EpochCount">All epochs.</param>
/// <param name="Loss">Mean loss of the last epoch.</param>
/// <param name="Elapsed">Time since the start.</param>
public sealed record FineTuneProgress(int Epoch, int EpochCount, double Loss, TimeSpan Elapsed)
{
    /// <summary>Estimate of the time to the end.</summary>
    public TimeSpan Remaining => Elapsed * ((double)(EpochCount - Epoch) / Epoch);
}
