namespace S3L.Core.Schedules;

/// <summary>How the learning rate falls within a stage.</summary>
public enum LearningRateCurve
{
    /// <summary>Half a cosine, from the full rate to none.</summary>
    Cosine,

    /// <summary>The full rate throughout.</summary>
    Constant,

    /// <summary>The full rate, multiplied by a factor at each milestone.</summary>
    Steps,
}
