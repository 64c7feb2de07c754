using S3L.Core.Backbones;

namespace S3L.Core.Training;

/// <summary>What one stage took.</summary>
/// <param name="Resolution">Height and width of the views, in pixels.</param>
/// <param name="Epochs">Epochs of the stage.</param>
/// <param name="BatchSize">Images per step.</param>
/// <param name="Steps">Steps that were made.</param>
/// <param name="Seconds">Time from the first step to the last, without that of probes, checkpoints and a memory that was made anew.</param>
/// <param name="Precision">The number format that was used.</param>
public sealed record StageResult(int Resolution, int Epochs, int BatchSize, long Steps, double Seconds, Precision Precision)
{
    /// <summary>Pictures with a side of fewer pixels than the views have: these are enlarged, which shows the network nothing more.</summary>
    public int EnlargedPictures { get; init; }

    /// <summary>Why that format was used: what was measured, or that it was asked for.</summary>
    public string PrecisionReason { get; init; } = "";

    /// <summary>Steps whose passes were replayed from a recording; see <see cref="StepReplay"/>.</summary>
    public long ReplayedSteps { get; init; }

    /// <summary>Images per second; each image counts once, whatever its number of views.</summary>
    public double ImagesPerSecond => Seconds > 0 ? Steps * BatchSize / Seconds : 0;
}
