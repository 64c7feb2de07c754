namespace S3L.Torch;

/// <summary>Orders of the elements in memory, numbered as in libtorch.</summary>
[BeyondTorchSharp("TorchSharp has no memory formats")]
public enum MemoryFormat
{
    /// <summary>Row-major: N, C, H, W.</summary>
    Contiguous = 0,

    /// <summary>N, H, W, C.</summary>
    ChannelsLast = 2,

    /// <summary>N, D, H, W, C.</summary>
    ChannelsLast3d = 3,
}
