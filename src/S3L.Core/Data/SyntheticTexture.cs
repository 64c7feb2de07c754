namespace S3L.Core.Data;

/// <summary>What covers the object of a synthetic picture.</summary>
internal enum SyntheticTexture
{
    Stripes,
    Checks,
    Dots,
    Rings,
    Zigzag,
}
