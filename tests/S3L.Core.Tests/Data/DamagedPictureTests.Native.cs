namespace S3L.Core.Tests.Data;

/// <summary>What only libjpeg-turbo notices.</summary>
public sealed partial class DamagedPictureTests
{
    [Fact]
    public void A_jpeg_with_data_missing_before_its_end_marker_is_refused()
    {
        using var picture = new SinglePicture();
        byte[] data = DecodingFixtures.Read("large.jpg");
        Assert.Equal(
            "libjpeg-turbo says \"Corrupt JPEG data: premature end of data segment\"",
            picture.Refusal([.. data[..(data.Length / 2)], 0xFF, 0xD9]));
    }
}
