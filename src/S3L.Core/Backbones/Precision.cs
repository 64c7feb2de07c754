namespace S3L.Core.Backbones;

/// <summary>The number format of convolutions and matrix products. Weights, losses and updates are always float32.</summary>
public enum Precision
{
    /// <summary>Whichever of the others is faster on this machine, measured once at the start of each stage.</summary>
    Auto,

    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>bfloat16 through autocast.</summary>
    BFloat16,
}
