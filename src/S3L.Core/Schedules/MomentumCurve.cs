namespace S3L.Core.Schedules;

/// <summary>How the momentum of a copy changes over a run.</summary>
public enum MomentumCurve
{
    /// <summary>From its start to 1 along half a cosine, as in BYOL's paper.</summary>
    Cosine,

    /// <summary>Its start throughout, as in S3L's scripts.</summary>
    Constant,
}
