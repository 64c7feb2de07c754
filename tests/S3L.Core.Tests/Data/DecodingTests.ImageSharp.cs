namespace S3L.Core.Tests.Data;

/// <summary>What ImageSharp would read wrongly.</summary>
public sealed partial class DecodingTests
{
    [Fact]
    public void Inks_without_Adobes_marker_are_refused()
    {
        using var picture = new SinglePicture();
        Assert.Equal("it is CMYK without Adobe's marker, whose inks ImageSharp takes for their opposites",
            picture.Refusal(DecodingFixtures.Read("cmyk-plain.jpg")));
    }
}
