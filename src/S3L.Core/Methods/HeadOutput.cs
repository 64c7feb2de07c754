namespace S3L.Core.Methods;

/// <summary>What follows the last linear layer of a head.</summary>
public enum HeadOutput
{
    /// <summary>Nothing.</summary>
    Plain,

    /// <summary>Batch normalisation with trained scale and shift.</summary>
    Normalised,

    /// <summary>Batch normalisation without scale and shift, as in SimSiam's projector.</summary>
    NormalisedWithoutAffine,
}
