using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>What the guard noticed.</summary>
/// <param name="Position">The step at which it was noticed.</param>
/// <param name="Failure">What kind of trouble it is.</param>
/// <param name="Message">What happened and what to try, in words.</param>
public sealed record TrainingWarning(TrainingPosition Position, TrainingFailure Failure, string Message);
