using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

/// <summary>Builds that end before their time, and builds at the same time.</summary>
public sealed class ImageCacheResumeTests : IDisposable
{
    private const int Count = 30;

    private readonly TemporaryFolder _folder = new();

    private ImageCacheOptions Options => new() { Folder = _folder.Path, GridSize = 16, LowestResolution = 4, Threads = 1 };

    private string Part => Assert.Single(Directory.GetFiles(_folder.Path, "*.part"));

    [Fact]
    public void An_interrupted_build_goes_on_without_decoding_anything_twice()
    {
        int[] finished = Interrupt(after: 11);
        var images = new ProbedImages(Count);
        var reports = new List<ImageCacheProgress>();
        using ImageCache cache = ImageCache.Open(images, 8, Options, new ImageCacheTests.Reports(reports.Add));

        Assert.Equal(11, finished.Length);
        Assert.Equal(Enumerable.Range(0, Count).Except(finished), images.Loads.Select(l => l.Index).Order());
        Assert.Equal((Count - 11, 11), (cache.DecodedCount, reports[^1].Resumed));
        ExpectSound(cache);
    }

    [Fact]
    public void It_may_be_interrupted_again_and_again()
    {
        int total = 0;
        while (total < Count - 4) total += Interrupt(after: 4).Length;
        using ImageCache cache = ImageCache.Open(new ProbedImages(Count), 8, Options);
        Assert.Equal(Count - total, cache.DecodedCount);
        ExpectSound(cache);
    }

    [Fact]
    public void A_picture_whose_bytes_did_not_reach_the_disk_is_decoded_again()
    {
        int[] finished = Interrupt(after: 11);
        // Grids begin on the third page; those of one picture are lost.
        int lost = finished[4];
        using (FileStream stream = File.OpenWrite(Part))
        {
            stream.Position = 8192 + (lost * 16 * 3 * 16);
            stream.Write(new byte[16 * 3 * 16]);
        }

        var images = new ProbedImages(Count);
        using ImageCache cache = ImageCache.Open(images, 8, Options);
        Assert.Equal(Enumerable.Range(0, Count).Except(finished).Append(lost).Order(), images.Loads.Select(l => l.Index).Order());
        ExpectSound(cache);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(8, 0)]
    [InlineData(30, 0)]
    [InlineData(0, 5000)]
    [InlineData(0, 60)]
    public void A_damaged_beginning_is_made_anew(int position, int cutTo)
    {
        Interrupt(after: 11);
        using (FileStream stream = File.Open(Part, FileMode.Open))
        {
            if (cutTo > 0) stream.SetLength(cutTo);
            stream.Position = position;
            if (cutTo == 0) stream.WriteByte(0xEE);
        }

        using ImageCache cache = ImageCache.Open(new ProbedImages(Count), 8, Options);
        Assert.Equal(Count, cache.DecodedCount);
        ExpectSound(cache);
    }

    [Fact]
    public void A_complete_file_that_was_not_renamed_is_taken_as_it_is()
    {
        string file;
        using (ImageCache built = ImageCache.Open(ProbedImages.Damaged(Count, 7), 8, Options)) file = built.File!;
        File.Move(file, file + ".part");
        var images = new ProbedImages(Count);
        using ImageCache cache = ImageCache.Open(images, 8, Options);
        // What could not be read is tried again.
        Assert.Equal([7], images.Loads.Select(l => l.Index));
        ExpectSound(cache);
    }

    [Fact]
    public void Unreadable_pictures_are_tried_again_and_listed_once()
    {
        using var stop = new CancellationTokenSource();
        ProbedImages damaged = ProbedImages.Damaged(Count, 0, 29);
        var images = new ProbedImages(Count)
        {
            OnLoad = index =>
            {
                damaged.OnLoad!(index);
                if (index == 8) stop.Cancel();
            },
        };
        Assert.ThrowsAny<OperationCanceledException>(() => ImageCache.Open(images, 8, Options, cancellation: stop.Token));
        using ImageCache cache = ImageCache.Open(damaged, 8, Options);
        Assert.Equal(["probe 0", "probe 29"], cache.Skipped.Select(s => s.Name));
        Assert.Equal(Count - 2, cache.Count);
    }

    [Fact]
    public void Of_two_builders_the_second_waits_and_takes_the_first_ones_file()
    {
        using ManualResetEventSlim began = new(), go = new();
        var slow = new ProbedImages(Count)
        {
            OnLoad = _ =>
            {
                began.Set();
                go.Wait();
            },
        };
        var waiting = new List<ImageCacheProgress>();
        ImageCache? first = null;
        var builder = new Thread(() => first = ImageCache.Open(slow, 8, Options));
        builder.Start();
        began.Wait();
        using ImageCache second = ImageCache.Open(ProbedImages.Closed(Count), 8, Options, new ImageCacheTests.Reports(p =>
        {
            waiting.Add(p);
            go.Set();
        }));
        builder.Join();
        using ImageCache owned = first!;

        Assert.NotEmpty(waiting);
        Assert.All(waiting, p => Assert.True(p.IsWaiting));
        Assert.Equal((Count, 0), (owned.DecodedCount, second.DecodedCount));
        Assert.Equal(owned.File, second.File);
        ExpectSound(second);
    }

    [Fact]
    public void Where_the_first_builder_fails_the_second_goes_on()
    {
        Interrupt(after: 5);
        string file = Part[..^".part".Length];
        var images = new ProbedImages(Count);
        FileStream held = new(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using ImageCache cache = ImageCache.Open(images, 8, Options, new ImageCacheTests.Reports(p =>
        {
            if (p.IsWaiting) held.Dispose();
        }));
        Assert.Equal(Count - 5, images.Loads.Count);
        ExpectSound(cache);
    }

    [Fact]
    public void Waiting_ends_when_told_to()
    {
        string file;
        using (ImageCache built = ImageCache.Open(new ProbedImages(Count), 8, Options)) file = built.File!;
        File.Delete(file);
        using var stop = new CancellationTokenSource();
        using FileStream held = new(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Assert.ThrowsAny<OperationCanceledException>(
            () => ImageCache.Open(ProbedImages.Closed(Count), 8, Options, new ImageCacheTests.Reports(_ => stop.Cancel()), stop.Token));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Builds until so many more pictures are done.</summary>
    /// <returns>Their numbers.</returns>
    private int[] Interrupt(int after)
    {
        using var stop = new CancellationTokenSource();
        int loads = 0;
        var images = new ProbedImages(Count)
        {
            OnLoad = _ =>
            {
                if (++loads == after) stop.Cancel();
            },
        };
        Assert.ThrowsAny<OperationCanceledException>(() => ImageCache.Open(images, 8, Options, cancellation: stop.Token));
        return [.. images.Loads.Select(l => l.Index)];
    }

    private static void ExpectSound(ImageCache cache)
    {
        using ImageCache memory = ImageCache.Open(new ProbedImages(Count), 8, new ImageCacheOptions { GridSize = 16, LowestResolution = 4 });
        int[] all = [.. Enumerable.Range(0, Count)];
        Assert.Equal(Count, cache.Count);
        Assert.Equal(all.Select(memory.SizeOf), all.Select(cache.SizeOf));
        foreach (int resolution in (int[])[8, 4])
        {
            Assert.Equal(ImageCacheTests.Bytes(memory, resolution, all), ImageCacheTests.Bytes(cache, resolution, all));
        }
    }
}
