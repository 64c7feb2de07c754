namespace S3L.Core.Schedules;

// The schedules that arXiv 2103.13559 compares with the usual 224 px; its epochs are per stage, and each stage begins a curve of its own.
public sealed partial class ResolutionSchedule
{
    /// <summary>112 px throughout; the paper's 200 epochs unless said otherwise.</summary>
    public static ResolutionSchedule At112(int epochs = 200) => Constant(112, epochs);

    /// <summary>56 px throughout; the paper's 200 epochs unless said otherwise.</summary>
    public static ResolutionSchedule At56(int epochs = 200) => Constant(56, epochs);

    /// <summary>112 px, then 224, for so many epochs each.</summary>
    public static ResolutionSchedule From112To224(int epochs = 200) => Stages((112, epochs), (224, epochs));

    /// <summary>56 px, then 112, for so many epochs each.</summary>
    public static ResolutionSchedule From56To112(int epochs = 200) => Stages((56, epochs), (112, epochs));
}
