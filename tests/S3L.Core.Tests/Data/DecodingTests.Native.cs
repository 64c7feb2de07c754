namespace S3L.Core.Tests.Data;

/// <summary>What only libjpeg-turbo reads rightly.</summary>
public sealed partial class DecodingTests
{
    [Fact]
    public void Inks_without_Adobes_marker_are_taken_as_they_are() => Check("cmyk-plain", ".jpg", Codec.JpegTolerance);
}
