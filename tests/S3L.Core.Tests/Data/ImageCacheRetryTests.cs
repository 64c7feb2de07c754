using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

/// <summary>Files that lack pictures whose bytes could not be got at when they were made.</summary>
public sealed class ImageCacheRetryTests : IDisposable
{
    private const int Count = 12;

    private readonly TemporaryFolder _folder = new();

    private ImageCacheOptions Options => new() { Folder = _folder.Path, GridSize = 16, LowestResolution = 4, Threads = 1 };

    [Fact]
    public void What_can_be_read_by_now_is_added_and_the_rest_tried_again_at_the_next_start()
    {
        Expect(ProbedImages.Away(Count, [5], 3, 7), decoded: 9, 3, 5, 7);

        ProbedImages still = ProbedImages.Away(Count, [5], 3, 7);
        Expect(still, decoded: 0, 3, 5, 7);
        Assert.Equal([3, 7], still.Loads.Select(l => l.Index));

        Expect(ProbedImages.Away(Count, [5], 3), decoded: 1, 3, 5);
        Expect(ProbedImages.Damaged(Count, 5), decoded: 1, 5);
        Expect(ProbedImages.Closed(Count), decoded: 0, 5);
        Assert.Equal([".lock", ".s3lgrids"], Directory.GetFiles(_folder.Path).Select(Path.GetExtension).Order());
    }

    [Fact]
    public void An_addition_that_was_interrupted_is_gone_on_with()
    {
        Expect(ProbedImages.Away(Count, [], 0, 3, 7), decoded: 9, 0, 3, 7);
        using var stop = new CancellationTokenSource();
        int loads = 0;
        var images = new ProbedImages(Count)
        {
            OnLoad = _ =>
            {
                // The first two loads ask whether there is anything to add.
                if (++loads == 4) stop.Cancel();
            },
        };
        Assert.ThrowsAny<OperationCanceledException>(() => ImageCache.Open(images, 8, Options, cancellation: stop.Token));
        Expect(new ProbedImages(Count), decoded: 1);
    }

    [Fact]
    public void Who_reads_the_file_meanwhile_is_not_disturbed()
    {
        using ImageCache first = ImageCache.Open(ProbedImages.Away(Count, [], 3), 8, Options);
        int[] all = [.. Enumerable.Range(0, Count - 1)];
        using (ImageCache second = ImageCache.Open(new ProbedImages(Count), 8, Options))
        {
            // Windows lets nobody write to a file that is read.
            Assert.Equal(OperatingSystem.IsWindows() ? Count - 1 : Count, second.Count);
        }

        using ImageCache memory = ImageCache.Open(ProbedImages.Damaged(Count, 3), 8, Options with { Folder = null });
        Assert.Equal(ImageCacheTests.Bytes(memory, 8, all), ImageCacheTests.Bytes(first, 8, all));
        Assert.Equal(ImageCacheTests.Bytes(memory, 4, all), ImageCacheTests.Bytes(first, 4, all));
    }

    public void Dispose() => _folder.Dispose();

    private void Expect(ProbedImages images, int decoded, params int[] skipped)
    {
        using ImageCache cache = ImageCache.Open(images, 8, Options);
        Assert.Equal((decoded, null), (cache.DecodedCount, cache.RebuiltBecause));
        Assert.Equal(skipped.Select(i => $"probe {i}"), cache.Skipped.Select(s => s.Name));
        Assert.Equal(Enumerable.Range(0, Count).Except(skipped), Enumerable.Range(0, cache.Count).Select(cache.IndexInDataset));
        using ImageCache memory = ImageCache.Open(ProbedImages.Damaged(Count, skipped), 8, Options with { Folder = null });
        int[] all = [.. Enumerable.Range(0, cache.Count)];
        Assert.Equal(all.Select(memory.SizeOf), all.Select(cache.SizeOf));
        foreach (int resolution in (int[])[8, 4])
        {
            Assert.Equal(ImageCacheTests.Bytes(memory, resolution, all), ImageCacheTests.Bytes(cache, resolution, all));
        }
    }
}
