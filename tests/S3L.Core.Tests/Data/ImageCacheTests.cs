using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

/// <summary>Caches in memory; <see cref="ImageCacheFileTests"/> holds those of files against them.</summary>
public sealed class ImageCacheTests
{
    [Fact]
    public void Levels_are_means_of_two_by_two_cells_of_the_one_before()
    {
        using ImageCache cache = ImageCache.Open(new ProbedImages(4), 8, new ImageCacheOptions { GridSize = 16, LowestResolution = 2, Threads = 1 });
        Assert.Equal([16, 8, 4], cache.LevelSizes);
        foreach (int picture in Enumerable.Range(0, 4))
        {
            byte[] finer = Bytes(cache, 8, picture);
            foreach ((int size, int resolution) in ((int, int)[])[(8, 4), (4, 2)])
            {
                byte[] expected = HalfInLoops(finer, 2 * size);
                Assert.Equal(expected, Bytes(cache, resolution, picture));
                finer = expected;
            }
        }
    }

    [Fact]
    public void Gathers_pictures_in_any_order_and_more_than_once()
    {
        using ImageCache cache = ImageCache.Build(new ProbedImages(5), 6, threads: 1);
        byte[] oneByOne = [.. Bytes(cache, 3, 4), .. Bytes(cache, 3, 0), .. Bytes(cache, 3, 4)];
        Assert.Equal(oneByOne, Bytes(cache, 3, 4, 0, 4));
        using torch.Tensor some = cache.Gather([4, 0, 4], 3, torch.CPU);
        Assert.Equal([3L, 6, 3, 6], some.shape);
        Assert.Equal(torch.uint8, some.dtype);
    }

    [Fact]
    public void Unreadable_pictures_are_left_out_and_named()
    {
        ProbedImages images = ProbedImages.Damaged(6, 0, 3);
        using ImageCache cache = ImageCache.Build(images, 6, threads: 2);
        using ImageCache whole = ImageCache.Build(new ProbedImages(6), 6, threads: 2);

        Assert.Equal((4, 4), (cache.Count, cache.DecodedCount));
        Assert.Equal(["probe 0", "probe 3"], cache.Skipped.Select(s => s.Name));
        Assert.Equal("it was cut", cache.Skipped[1].Reason);
        Assert.Equal([1, 2, 4, 5], Enumerable.Range(0, 4).Select(cache.IndexInDataset));
        Assert.Equal([1, 2, 1, 2], cache.Labels);
        Assert.Equal([(21, 17), (22, 18), (24, 20), (20, 21)], Enumerable.Range(0, 4).Select(cache.SizeOf));
        Assert.Equal(Bytes(whole, 6, 1, 2, 4, 5), Bytes(cache, 6, 0, 1, 2, 3));
    }

    [Fact]
    public void A_picture_is_never_decoded_coarser_than_the_grid()
    {
        var images = new ProbedImages(3);
        using ImageCache cache = ImageCache.Open(images, 4, new ImageCacheOptions { GridSize = 16, LowestResolution = 2 });
        Assert.All(images.Loads, load => Assert.Equal(16, load.MinimumSide));
    }

    [Fact]
    public void Reduced_decoding_loses_nothing_that_the_grid_could_show()
    {
        byte[] file = DecodingFixtures.Read("large.jpg");
        using var picture = new SinglePicture();
        // Stored with 120 pixels on the shorter side: a quarter has 30, and so many cells has the grid.
        using ImageCache reduced = ImageCache.Build(new InMemoryImages([picture.Decode(file, minimumSide: 30)]), 30, threads: 1);
        using ImageCache full = ImageCache.Build(new InMemoryImages([picture.Decode(file)]), 30, threads: 1);
        double square = Bytes(reduced, 15, 0).Zip(Bytes(full, 15, 0), (a, b) => (double)((a - b) * (a - b))).Average();
        double decibels = 10 * Math.Log10(255 * 255 / square);
        Assert.True(decibels >= 30, $"{decibels:f1} dB");
    }

    [Fact]
    public void Without_options_there_is_one_level_that_fits_the_pictures()
    {
        using ImageCache fine = ImageCache.Open(new ProbedImages(8), 100), coarse = ImageCache.Open(new ProbedImages(8), 8);
        Assert.Equal([24], fine.LevelSizes);
        Assert.Equal([16], coarse.LevelSizes);
        Assert.Equal((null, null, 8), (fine.File, fine.RebuiltBecause, fine.DecodedCount));
    }

    [Fact]
    public void Progress_ends_with_all_pictures()
    {
        var reports = new List<ImageCacheProgress>();
        using ImageCache cache = ImageCache.Build(ProbedImages.Damaged(20, 5), 6, threads: 2, new Reports(reports.Add));
        Assert.Equal((20, 20, 1, 0, false), (reports[^1].Done, reports[^1].Count, reports[^1].Skipped, reports[^1].Resumed, reports[^1].IsWaiting));
        Assert.Equal(reports.Select(r => r.Done).Order(), reports.Select(r => r.Done));
        Assert.Equal(TimeSpan.Zero, reports[^1].Remaining);
    }

    [Fact]
    public void Moving_to_where_the_grids_are_changes_nothing()
    {
        using ImageCache cache = ImageCache.Build(new ProbedImages(2), 6, threads: 1);
        byte[] before = Bytes(cache, 3, 0, 1);
        cache.MoveTo(torch.CPU);
        Assert.Equal(before, Bytes(cache, 3, 0, 1));
    }

    [Fact]
    public void Grids_that_are_too_large_for_a_GPU_stay()
    {
        using ImageCache cache = ImageCache.Open(new ProbedImages(2), 3, new ImageCacheOptions { GridSize = 6, DeviceBytes = (2 * 6 * 3 * 6) - 1 });
        byte[] before = Bytes(cache, 3, 0, 1);
        cache.MoveTo(torch.CUDA);
        Assert.Equal(before, Bytes(cache, 3, 0, 1));
    }

    /// <summary>Without a GPU this shows that a failed move leaves the cache as it was, and no tensor behind.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Batches_on_a_GPU_are_those_of_the_main_memory(bool fromFile)
    {
        using var folder = new TemporaryFolder();
        var options = new ImageCacheOptions { Folder = fromFile ? folder.Path : null, GridSize = 8, LowestResolution = 2 };
        using ImageCache cache = ImageCache.Open(new ProbedImages(5), 4, options);
        byte[] before = Bytes(cache, 4, 3, 1);
        if (torch.cuda.is_available())
        {
            Assert.Equal(before, FromGpu());
            cache.MoveTo(torch.CUDA);
            Assert.Equal(before, FromGpu());
        }
        else
        {
            Assert.ThrowsAny<Exception>(FromGpu);
            Assert.ThrowsAny<Exception>(() => cache.MoveTo(torch.CUDA));
            Assert.Equal(before, Bytes(cache, 4, 3, 1));
        }

        byte[] FromGpu()
        {
            using torch.Tensor there = cache.Gather([3, 1], 4, torch.CUDA), back = there.cpu();
            return back.bytes.ToArray();
        }
    }

    [Fact]
    public void A_failure_of_the_data_set_comes_out_as_it_is()
    {
        var error = Assert.Throws<InvalidOperationException>(() => ImageCache.Build(ProbedImages.Closed(1), 6, threads: 2));
        Assert.Equal("picture 0 was read", error.Message);
    }

    [Fact]
    public void Stops_when_told_to()
    {
        using var stop = new CancellationTokenSource();
        var images = new ProbedImages(100) { OnLoad = index => { if (index == 3) stop.Cancel(); } };
        Assert.ThrowsAny<OperationCanceledException>(() => ImageCache.Build(images, 6, threads: 1, cancellation: stop.Token));
        Assert.True(images.Loads.Count < 100);
    }

    [Fact]
    public void Refuses_what_cannot_be_done()
    {
        Assert.Equal("images must hold at least one picture, but holds none. (Parameter 'images')",
            Assert.Throws<ArgumentException>(() => ImageCache.Build(new ProbedImages(0), 6, threads: 1)).Message);
        Assert.Equal("images must hold at least one readable picture, but all 2 failed; the first: " +
            "Unreadable picture 'probe 0': it was cut. (Parameter 'images')",
            Assert.Throws<ArgumentException>(() => ImageCache.Build(ProbedImages.Damaged(2, 0, 1), 6, threads: 1)).Message);
        Assert.Equal("gridSize must be at least 1. (Parameter 'gridSize')\nActual value was 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() => ImageCache.Build(new ProbedImages(1), 0, 1)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("threads must be at least 1. (Parameter 'threads')\nActual value was 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() => ImageCache.Build(new ProbedImages(1), 6, 0)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("resolution must be at least 1. (Parameter 'resolution')\nActual value was 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() => ImageCache.Open(new ProbedImages(1), 0)).Message.ReplaceLineEndings("\n"));
        using ImageCache cache = ImageCache.Build(new ProbedImages(3), 6, threads: 1);
        Assert.Equal("pictures must be in [0, 2]. (Parameter 'pictures')\nActual value was 3.",
            Assert.Throws<ArgumentOutOfRangeException>(() => cache.Gather([0, 3], 6)).Message.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void More_than_the_memory_holds_is_refused_before_any_picture_is_read()
    {
        double available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        var error = Assert.Throws<ArgumentException>(() => ImageCache.Build(ProbedImages.Closed(20_000_000), gridSize: 1000, threads: 1));
        Assert.Equal(FormattableString.Invariant(
            $"images must fit into the main memory, but the grids of 20000000 pictures take 55879.4 GiB and this process has {available:f1} GiB. ") +
            "Keep them in a file: give TrainerOptions.CacheFolder, or ImageCacheOptions.Folder. (Parameter 'images')", error.Message);
    }

    internal static byte[] Bytes(ImageCache cache, int resolution, params int[] pictures)
    {
        using torch.Tensor grids = cache.Gather(pictures, resolution);
        return grids.bytes.ToArray();
    }

    private static byte[] HalfInLoops(byte[] grid, int size)
    {
        int half = size / 2;
        var means = new byte[half * 3 * half];
        for (int y = 0; y < half; y++)
            for (int channel = 0; channel < 3; channel++)
                for (int x = 0; x < half; x++)
                {
                    double sum = 0;
                    for (int dy = 0; dy < 2; dy++)
                        for (int dx = 0; dx < 2; dx++)
                            sum += grid[(((((2 * y) + dy) * 3) + channel) * size) + (2 * x) + dx];
                    means[(((y * 3) + channel) * half) + x] = (byte)Math.Floor((sum / 4) + 0.5);
                }

        return means;
    }

    internal sealed class Reports(Action<ImageCacheProgress> listen) : IProgress<ImageCacheProgress>
    {
        public void Report(ImageCacheProgress value) => listen(value);
    }
}
