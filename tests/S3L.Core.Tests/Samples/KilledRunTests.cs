using System.Diagnostics;
using S3L.Core.Data;
using S3L.Core.Tests.Data;
using S3L.Testing;

namespace S3L.Core.Tests.Samples;

/// <summary>A run in another process that is killed as a power cut would, again and again, at any moment.</summary>
public sealed class KilledRunTests : IDisposable
{
    private const int Kills = 20;

    // Fifty pictures in batches of ten.
    private const int FirstStage = 12 * 5;
    private const int Steps = FirstStage + (18 * 5);

    private static readonly TimeSpan MostWaiting = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    private string Checkpoints => _folder.At("killed/checkpoints");

    [Fact]
    public void Twenty_kills_change_no_byte_of_the_weights()
    {
        WritePictures();
        MustEnd(Start("undisturbed"));

        var random = new Random(20260101);
        var reached = new List<long>();
        int halfWritten = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            using Process process = Start("killed", "--checkpoint-every", "1", "--resume");
            // Moments of three kinds: some time after the start, some time after a checkpoint, and while one is being written.
            long target = Reached() + random.Next(3, 9);
            int patience = random.Next(800), pause = random.Next(30);
            bool isOver = (kill % 4) switch
            {
                0 => WaitUntil(process, waited => waited.TotalMilliseconds >= patience || Reached() >= target),
                1 => WaitUntil(process, _ => Reached() >= target) || process.WaitForExit(pause),
                _ => WaitUntil(process, _ => Reached() >= target && HalfWritten().Length > 0),
            };
            if (isOver) Assert.Fail($"The run ended before kill {kill + 1}: {process.StandardError.ReadToEnd()}");
            process.Kill();
            process.WaitForExit();
            reached.Add(Reached());
            halfWritten += HalfWritten().Length;
        }

        // Or else this was no test: kills within both stages, and within the writing of checkpoints.
        Assert.Contains(reached, step => step is > 0 and < FirstStage);
        Assert.Contains(reached, step => step is > FirstStage and < Steps);
        Assert.True(halfWritten > 0);

        MustEnd(Start("killed", "--checkpoint-every", "1", "--resume"));
        Assert.Equal(File.ReadAllBytes(_folder.At("undisturbed/backbone.safetensors")), File.ReadAllBytes(_folder.At("killed/backbone.safetensors")));
        Assert.Equal([$"step-{Steps - 2:d9}.safetensors", $"step-{Steps - 1:d9}.safetensors"],
            Directory.GetFiles(Checkpoints).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_run_that_is_asked_to_stop_saves_where_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows asks no process to stop but by its console.");
        WritePictures();
        MustEnd(Start("undisturbed"));
        // None is due before the end: what there is was written because of the signal.
        Process process = Start("killed", "--checkpoint-every", "1000");
        while (process.StandardOutput.ReadLine() is { } line && !line.StartsWith("stage 1/2", StringComparison.Ordinal))
        {
        }

        // Not Ctrl+C, which processes ignore that were started by a script in the background.
        using Process kill = Process.Start("sh", ["-c", FormattableString.Invariant($"kill -TERM {process.Id}")]);
        SampleRun stopped = SampleRun.Ended(process);
        Assert.Equal((130, "Stopped.\n"), (stopped.Code, stopped.Error));

        Assert.InRange(Reached(), 1, Steps - 1);
        MustEnd(Start("killed", "--resume"));
        Assert.Equal(File.ReadAllBytes(_folder.At("undisturbed/backbone.safetensors")), File.ReadAllBytes(_folder.At("killed/backbone.safetensors")));
    }

    public void Dispose() => _folder.Dispose();

    private Process Start(string name, params string[] more) => SampleRun.Start("Pretrain",
    [
        "--data", _folder.At("pictures"), "--resolutions", "16x12,32x18", "--stages", "2", "--batch", "10", "--precision", "float32",
        "--threads", "1", "--lr", "0.003", "--out", _folder.At(name), .. more,
    ]);

    private static void MustEnd(Process process)
    {
        SampleRun run = SampleRun.Ended(process);
        Assert.Equal((0, ""), (run.Code, run.Error));
    }

    /// <returns>Whether the process ended by itself instead.</returns>
    private static bool WaitUntil(Process process, Func<TimeSpan, bool> happened)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) is var waited && !happened(waited))
        {
            if (process.WaitForExit(1)) return true;
            if (waited <= MostWaiting) continue;
            process.Kill();
            process.WaitForExit();
            Assert.Fail("The run made no progress.");
        }

        return false;
    }

    /// <summary>Step of the newest checkpoint that is complete.</summary>
    private long Reached() => Directory.Exists(Checkpoints)
        ? Directory.GetFiles(Checkpoints, "step-*.safetensors").Select(f => long.Parse(Path.GetFileName(f).AsSpan(5, 9), null)).DefaultIfEmpty().Max()
        : 0;

    private string[] HalfWritten() => Directory.Exists(Checkpoints) ? Directory.GetFiles(Checkpoints, "*.part") : [];

    /// <summary>Synthetic pictures as CIFAR's files, which are read at once.</summary>
    private void WritePictures()
    {
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = 50, Size = 32 });
        byte[][] records = [.. Enumerable.Range(0, pictures.Count).Select(i => (byte[])[(byte)pictures.GetLabel(i), .. Planes(pictures.Load(i))])];
        for (int batch = 1; batch <= 5; batch++)
        {
            _folder.Write($"pictures/data_batch_{batch}.bin", [.. records.Skip(10 * (batch - 1)).Take(10).SelectMany(r => r)]);
        }

        _folder.Write("pictures/test_batch.bin", records[0]);
    }

    private static IEnumerable<byte> Planes(RgbImage picture)
    {
        byte[] pixels = picture.Pixels.ToArray();
        return Enumerable.Range(0, pixels.Length).Select(i => pixels[(i % 1024 * 3) + (i / 1024)]);
    }
}
