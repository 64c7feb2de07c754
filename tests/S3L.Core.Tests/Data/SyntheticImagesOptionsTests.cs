using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class SyntheticImagesOptionsTests
{
    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        var options = new SyntheticImagesOptions();
        Assert.Equal((2000, 64, 0), (options.Count, options.Size, options.Seed));
    }

    [Fact]
    public void Values_out_of_range_are_refused_by_name()
    {
        Assert.Equal("Count", Assert.Throws<ArgumentOutOfRangeException>(() => new SyntheticImagesOptions { Count = 0 }).ParamName);
        Assert.Equal("Size", Assert.Throws<ArgumentOutOfRangeException>(() => new SyntheticImagesOptions { Size = 15 }).ParamName);
        Assert.Equal("Size", Assert.Throws<ArgumentOutOfRangeException>(() => new SyntheticImagesOptions() with { Size = 4097 }).ParamName);
    }
}
