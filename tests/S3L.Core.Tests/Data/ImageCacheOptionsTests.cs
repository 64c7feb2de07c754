using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class ImageCacheOptionsTests
{
    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        var options = new ImageCacheOptions();
        Assert.Null(options.Folder);
        Assert.Null(options.Threads);
        Assert.Null(options.GridSize);
        Assert.Null(options.LowestResolution);
        Assert.Null(options.DeviceBytes);
    }

    [Fact]
    public void Refuses_what_is_out_of_range()
    {
        Assert.Equal("Folder must be the path of a folder or null, but is empty. (Parameter 'Folder')",
            Assert.Throws<ArgumentException>(() => new ImageCacheOptions { Folder = " " }).Message);
        Assert.Equal("Threads must be at least 1. (Parameter 'Threads')\nActual value was 0.", Text(() => new ImageCacheOptions { Threads = 0 }));
        Assert.Equal("GridSize must be at least 1. (Parameter 'GridSize')\nActual value was 0.", Text(() => new ImageCacheOptions { GridSize = 0 }));
        Assert.Equal("LowestResolution must be at least 1. (Parameter 'LowestResolution')\nActual value was 0.",
            Text(() => new ImageCacheOptions { LowestResolution = 0 }));
        Assert.Equal("DeviceBytes must be at least 0. (Parameter 'DeviceBytes')\nActual value was -1.",
            Text(() => new ImageCacheOptions { DeviceBytes = -1 }));
    }

    private static string Text(Func<object> make) => Assert.Throws<ArgumentOutOfRangeException>(make).Message.ReplaceLineEndings("\n");
}
