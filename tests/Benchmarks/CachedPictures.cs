using System.Diagnostics;
using S3L.Core.Data;

namespace Benchmarks;

/// <summary>What a cache file costs to make and to open again, and how fast batches come from it beside those from memory.</summary>
internal static class CachedPictures
{
    private const int Builds = 3;
    private const int Rounds = 7;
    private const int BatchSize = 256;
    private const int Batches = 20;

    internal static int Run(string data, string? part, int resolution, int lowest)
    {
        string folder = Directory.CreateTempSubdirectory("s3l-cache-").FullName;
        try
        {
            var options = new ImageCacheOptions { LowestResolution = lowest };
            List<double> intoMemory = [], intoFile = [], again = [];
            for (int i = 0; i < Builds; i++)
            {
                intoMemory.Add(Open(data, part, resolution, options, out ImageCache built));
                built.Dispose();
                intoFile.Add(Open(data, part, resolution, options with { Folder = Path.Combine(folder, $"{i}") }, out built));
                built.Dispose();
            }

            options = options with { Folder = Path.Combine(folder, "0") };
            for (int i = 0; i < Rounds; i++)
            {
                again.Add(Open(data, part, resolution, options, out ImageCache opened));
                if (opened.DecodedCount > 0) throw new InvalidOperationException($"{opened.DecodedCount} pictures were decoded again.");
                opened.Dispose();
            }

            Open(data, part, resolution, options with { Folder = null }, out ImageCache memory);
            Open(data, part, resolution, options, out ImageCache file);
            string levels = string.Join(" and ", memory.LevelSizes);
            Console.WriteLine($"{memory.Count} pictures, grids of {levels}, {new FileInfo(file.File!).Length / 1048576} MiB");
            Console.WriteLine(First("memory", Median(intoMemory)));
            Console.WriteLine(First("a file", Median(intoFile)));
            Console.WriteLine(FormattableString.Invariant($"Second start: {Median(again):f3} s (median of {Rounds})"));
            foreach (int size in (int[])[resolution, lowest]) Gathering(memory, file, size);
            memory.Dispose();
            file.Dispose();
            return 0;

            string First(string where, double seconds) => FormattableString.Invariant(
                $"First start into {where}: {seconds:f2} s, {memory.Count / seconds:f0} images/s (median of {Builds})");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Open(string data, string? part, int resolution, ImageCacheOptions options, out ImageCache cache)
    {
        long start = Stopwatch.GetTimestamp();
        IImageDataset images = ImageDataset.Open(data, part);
        using IDisposable? owned = images as IDisposable;
        cache = ImageCache.Open(images, resolution, options);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Gathering(ImageCache memory, ImageCache file, int resolution)
    {
        Gather(memory, resolution);
        Gather(file, resolution);
        List<double> fromMemory = [], fromFile = [];
        for (int i = 0; i < Rounds; i++)
        {
            fromMemory.Add(Gather(memory, resolution));
            fromFile.Add(Gather(file, resolution));
        }

        Console.WriteLine(FormattableString.Invariant($"Random batches of {BatchSize} for {resolution} px: ") +
            FormattableString.Invariant($"{Median(fromMemory):f0} images/s from memory, ") +
            FormattableString.Invariant($"{Median(fromFile):f0} from the file, ratio {Median(fromFile) / Median(fromMemory):f2}"));
    }

    private static double Gather(ImageCache cache, int resolution)
    {
        var random = new Random(1);
        var pictures = new int[BatchSize];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Batches; i++)
        {
            for (int n = 0; n < pictures.Length; n++) pictures[n] = random.Next(cache.Count);
            using torch.Tensor batch = cache.Gather(pictures, resolution);
        }

        return BatchSize * Batches / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
