using System.Diagnostics;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace Benchmarks;

/// <summary>Cost per image, memory and second start by the number of pictures, which lie in a cache file.</summary>
internal static class ManyPictures
{
    private const int Resolution = 16;
    private const int Batch = 256;
    private const int WarmUp = 20;

    internal static int Run(string folder, IReadOnlyList<int> counts, int steps, int rounds)
    {
        var rates = new List<double>[counts.Count];
        var rows = new List<string>();
        for (int i = 0; i < counts.Count; i++)
        {
            rates[i] = [];
            long start = Stopwatch.GetTimestamp();
            Open(folder, counts[i]).Dispose();
            double made = Stopwatch.GetElapsedTime(start).TotalSeconds;
            start = Stopwatch.GetTimestamp();
            using ImageCache again = Open(folder, counts[i]);
            rows.Add(FormattableString.Invariant($"| {counts[i]:n0} | {made:f1} | {Stopwatch.GetElapsedTime(start).TotalSeconds:f2} |"));
        }

        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < counts.Count; i++)
            {
                using ImageCache images = Open(folder, counts[i]);
                rates[i].Add(Train(images, steps));
                if (round == rounds - 1) rows[i] += FormattableString.Invariant($" {Environment.WorkingSet / 1048576.0:f0} |");
            }
        }

        Console.WriteLine("| pictures | first start s | second start s | resident MiB | µs per image | of the first |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        double[] medians = [.. rates.Select(r => r.Order().ElementAt(r.Count / 2))];
        for (int i = 0; i < counts.Count; i++)
        {
            Console.WriteLine(rows[i] + FormattableString.Invariant($" {medians[i] * 1e6:f0} | {medians[i] / medians[0]:f3} |"));
        }

        return 0;
    }

    private static ImageCache Open(string folder, int count) => ImageCache.Open(
        new SyntheticImages(new SyntheticImagesOptions { Count = count, Size = Resolution }), Resolution, new ImageCacheOptions { Folder = folder });

    /// <summary>Seconds per image, after the first steps.</summary>
    private static double Train(ImageCache images, int steps)
    {
        torch.manual_seed(0);
        using var method = new SimClr(new ResNet(ResNetOptions.ResNet18 with { StageCount = 1, Width = 16 }));
        using var end = new CancellationTokenSource();
        long start = 0;
        double seconds = 0;
        var options = new TrainerOptions { BatchSize = Batch, ReportEverySteps = 1, Precision = Precision.Float32 };
        try
        {
            new Trainer(options).Run(method, images, ResolutionSchedule.Constant(Resolution, 1000), new Each(p =>
            {
                long step = p.Position.RunStep + 1;
                if (step == WarmUp) start = Stopwatch.GetTimestamp();
                if (step != WarmUp + steps) return;
                seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                end.Cancel();
            }), end.Token);
        }
        catch (OperationCanceledException) when (seconds > 0)
        {
            // Enough was seen.
        }

        return seconds / steps / Batch;
    }
}
