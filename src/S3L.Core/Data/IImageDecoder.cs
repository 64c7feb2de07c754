namespace S3L.Core.Data;

/// <summary>Turns the bytes of a picture file into upright pixels. Called from several threads at once.</summary>
internal interface IImageDecoder
{
    /// <summary>Decodes one file.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="minimumSide">Above 0, the shortest side that a reduced decoding may have; 0 asks for every pixel.</param>
    /// <exception cref="UnreadableImageException">Without a picture name: the caller knows it.</exception>
    RgbImage Decode(ReadOnlySpan<byte> data, int minimumSide);
}
