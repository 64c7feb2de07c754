namespace S3L.Core.Methods;

/// <summary>What is known of a run before its first step.</summary>
/// <param name="ImageCount">M: images in the data set.</param>
/// <param name="StepCount">Steps of the whole run.</param>
/// <param name="Device">Where the run takes place.</param>
public sealed record TrainingRun(int ImageCount, long StepCount, torch.Device Device);
