namespace S3L.Torch;

public static partial class torch
{
    /// <summary>What division does with its result.</summary>
    public enum RoundingMode
    {
        /// <summary>Nothing.</summary>
        None = 0,

        /// <summary>Cuts towards zero.</summary>
        trunc = 1,

        /// <summary>Rounds down.</summary>
        floor = 2,
    }
}
