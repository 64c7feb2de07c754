using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class ImageCacheProgressTests
{
    [Fact]
    public void Rate_and_time_left_count_what_was_decoded_now()
    {
        var progress = new ImageCacheProgress(500, 2000, 3, TimeSpan.FromSeconds(4)) { Resumed = 100 };
        Assert.Equal(100, progress.ImagesPerSecond);
        Assert.Equal(TimeSpan.FromSeconds(15), progress.Remaining);
    }

    [Fact]
    public void Nothing_is_foretold_before_the_first_picture()
    {
        Assert.Null(new ImageCacheProgress(100, 2000, 0, TimeSpan.FromSeconds(1)) { Resumed = 100 }.Remaining);
        Assert.Null(new ImageCacheProgress(0, 2000, 0, TimeSpan.Zero).Remaining);
        Assert.Equal(0, new ImageCacheProgress(1, 2000, 0, TimeSpan.Zero).ImagesPerSecond);
    }

    [Fact]
    public void Says_how_far_it_is_in_a_line()
    {
        var progress = new ImageCacheProgress(500, 2000, 3, TimeSpan.FromSeconds(4)) { Resumed = 100 };
        Assert.Equal("500/2000, 100 images/s, 00:00:15 left", progress.ToString());
        Assert.Equal("0/2000, 0 images/s", new ImageCacheProgress(0, 2000, 0, TimeSpan.Zero).ToString());
        Assert.Equal("waiting for another process that decodes them",
            new ImageCacheProgress(0, 2000, 0, TimeSpan.Zero) { IsWaiting = true }.ToString());
    }
}
