using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class ImageCacheFileTests : IDisposable
{
    private const int Count = 12;

    private readonly TemporaryFolder _folder = new();

    private ImageCacheOptions Options => new() { Folder = _folder.At("cache"), GridSize = 16, LowestResolution = 4, Threads = 2 };

    [Fact]
    public void A_file_holds_what_memory_would()
    {
        ProbedImages images = ProbedImages.Damaged(Count, 2, 11);
        using ImageCache memory = ImageCache.Open(images, 8, Options with { Folder = null });
        foreach (int opening in (int[])[1, 2])
        {
            using ImageCache file = ImageCache.Open(images, 8, Options);
            Assert.Equal(opening == 1 ? 10 : 0, file.DecodedCount);
            Assert.Equal(memory.LevelSizes, file.LevelSizes);
            Assert.Equal(memory.Skipped, file.Skipped);
            Assert.Equal(memory.ClassNames, file.ClassNames);
            int[] all = [.. Enumerable.Range(0, memory.Count)];
            Assert.Equal(10, file.Count);
            Assert.Equal(all.Select(memory.IndexInDataset), all.Select(file.IndexInDataset));
            Assert.Equal(all.Select(memory.SizeOf), all.Select(file.SizeOf));
            Assert.Equal(memory.Labels, file.Labels);
            foreach (int resolution in (int[])[8, 4])
            {
                Assert.Equal(ImageCacheTests.Bytes(memory, resolution, all), ImageCacheTests.Bytes(file, resolution, all));
            }
        }
    }

    [Fact]
    public void A_second_start_reads_no_picture()
    {
        // Without a grid size pictures are looked at for one, but only once.
        ImageCacheOptions options = Options with { GridSize = null };
        string first;
        using (ImageCache built = ImageCache.Open(new ProbedImages(Count), 8, options)) first = built.File!;
        using ImageCache again = ImageCache.Open(ProbedImages.Closed(Count), 8, options);
        Assert.Equal((first, 0, null), (again.File, again.DecodedCount, again.RebuiltBecause));
        Assert.Equal(Count, again.Count);
        Assert.Equal([16, 8], again.LevelSizes);
    }

    [Fact]
    public void A_finished_file_stands_alone_but_for_its_lock()
    {
        using ImageCache cache = ImageCache.Open(new ProbedImages(Count), 8, Options);
        Assert.Equal([cache.File!, cache.File + ".lock"], Directory.GetFiles(Options.Folder!).Order());
    }

    [Fact]
    public void Other_pictures_or_another_grid_are_another_file()
    {
        var files = new HashSet<string?>();
        foreach (ImageCacheOptions options in (ImageCacheOptions[])[Options, Options with { GridSize = 12 }, Options with { LowestResolution = 2 }])
        {
            using ImageCache cache = ImageCache.Open(new ProbedImages(Count), 8, options);
            Assert.True(files.Add(cache.File));
        }

        using ImageCache other = ImageCache.Open(new ProbedImages(Count, "other"), 8, Options);
        using ImageCache more = ImageCache.Open(new ProbedImages(13), 8, Options);
        Assert.True(files.Add(other.File) && files.Add(more.File));
    }

    [Theory]
    [InlineData(0, "it is no cache file")]
    [InlineData(8, "it has version 254 of the format, not 1")]
    [InlineData(20, "its header is damaged")]
    [InlineData(100, "its header is damaged")]
    [InlineData(4096, "its index is damaged")]
    [InlineData(-1, "its index is damaged")]
    public void An_altered_file_is_made_again_and_said_so(int position, string reason)
    {
        (string file, byte[] pixels) = Build();
        byte[] bytes = File.ReadAllBytes(file);
        bytes[position < 0 ? bytes.Length + position : position] ^= 0xFF;
        File.WriteAllBytes(file, bytes);
        ExpectRebuilt(file, pixels, reason);
    }

    [Fact]
    public void A_file_that_was_cut_is_made_again()
    {
        (string file, byte[] pixels) = Build();
        long length = new FileInfo(file).Length;
        using (FileStream stream = File.OpenWrite(file)) stream.SetLength(length - 1);
        ExpectRebuilt(file, pixels, $"it should have {length} bytes, but has {length - 1}");
        File.WriteAllBytes(file, []);
        ExpectRebuilt(file, pixels, "it is no cache file");
    }

    [Fact]
    public void A_file_of_other_pictures_in_its_place_is_not_used()
    {
        (string file, byte[] pixels) = Build();
        using (ImageCache other = ImageCache.Open(new ProbedImages(Count, "other"), 8, Options)) File.Copy(other.File!, file, overwrite: true);
        ExpectRebuilt(file, pixels, "it is of other pictures");
    }

    [Theory]
    [InlineData(8)]
    [InlineData(4)]
    public void An_altered_grid_is_refused_when_it_is_read(int resolution)
    {
        (string file, _) = Build();
        byte[] bytes = File.ReadAllBytes(file);
        // The first page is the header's, the second the records'; each level begins on a page: picture 1 of the first level, and of the second.
        bytes[(resolution == 8 ? 8192 : 8192 + 12288) + (resolution == 8 ? 16 * 3 * 16 : 8 * 3 * 8)] ^= 1;
        File.WriteAllBytes(file, bytes);
        using ImageCache cache = ImageCache.Open(ProbedImages.Closed(Count), 8, Options);
        Assert.NotEmpty(ImageCacheTests.Bytes(cache, resolution, 0, 2));
        Assert.NotEmpty(ImageCacheTests.Bytes(cache, 12 - resolution, 0, 1, 2));
        Assert.Equal($"'{file}' was altered: picture 1 is not as it was written. Delete the file, and it is made again.",
            Assert.Throws<InvalidDataException>(() => ImageCacheTests.Bytes(cache, resolution, 0, 1)).Message);
    }

    [Fact]
    public void Pictures_without_an_identity_are_kept_in_memory_only()
    {
        Assert.Equal("images must have an Identity to be kept in options.Folder, but InMemoryImages has none. " +
            "Leave Folder null to keep the pictures in the main memory. (Parameter 'images')",
            Assert.Throws<ArgumentException>(() => ImageCache.Open(new InMemoryImages([new RgbImage(1, 1, new byte[3])]), 8, Options)).Message);
        Assert.False(Directory.Exists(Options.Folder));
    }

    [Fact]
    public void Where_no_picture_can_be_read_no_file_is_left()
    {
        Assert.Equal("images must hold at least one readable picture, but all 2 failed; the first: " +
            "Unreadable picture 'probe 0': it was cut. (Parameter 'images')",
            Assert.Throws<ArgumentException>(() => ImageCache.Open(ProbedImages.Damaged(2, 0, 1), 8, Options)).Message);
        Assert.DoesNotContain(Directory.GetFiles(Options.Folder!), f => !f.EndsWith(".lock", StringComparison.Ordinal));
    }

    [Fact]
    public void A_disposed_cache_gives_no_pictures()
    {
        ImageCache cache = ImageCache.Open(new ProbedImages(Count), 8, Options);
        cache.Dispose();
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ImageCacheTests.Bytes(cache, 8, 0));
    }

    public void Dispose() => _folder.Dispose();

    private (string File, byte[] Pixels) Build()
    {
        using ImageCache cache = ImageCache.Open(new ProbedImages(Count), 8, Options);
        return (cache.File!, ImageCacheTests.Bytes(cache, 8, [.. Enumerable.Range(0, Count)]));
    }

    private void ExpectRebuilt(string file, byte[] pixels, string reason)
    {
        using (ImageCache cache = ImageCache.Open(new ProbedImages(Count), 8, Options))
        {
            Assert.Equal((file, Count, $"'{file}' was made again: {reason}."), (cache.File, cache.DecodedCount, cache.RebuiltBecause));
            Assert.Equal(pixels, ImageCacheTests.Bytes(cache, 8, [.. Enumerable.Range(0, Count)]));
        }

        using ImageCache again = ImageCache.Open(ProbedImages.Closed(Count), 8, Options);
        Assert.Null(again.RebuiltBecause);
    }
}
