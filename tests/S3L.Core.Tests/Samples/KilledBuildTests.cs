using System.Buffers.Binary;
using System.Diagnostics;
using S3L.Core.Data;
using S3L.Core.Tests.Data;
using S3L.Testing;

namespace S3L.Core.Tests.Samples;

/// <summary>A process that is killed while it fills a cache file.</summary>
public sealed class KilledBuildTests : IDisposable
{
    // What the sample draws for --data synthetic, and what it asks for at 32 px.
    private static readonly SyntheticImages Pictures = new(new SyntheticImagesOptions { Count = 3000 });
    private static readonly TimeSpan MostWaiting = TimeSpan.FromMinutes(1);

    private const int Resolution = 37;
    private const int HeaderBytes = 4096;
    private const int RecordBytes = 12;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void What_a_killed_build_had_finished_is_not_decoded_again()
    {
        int finished;
        using (Process process = Start())
        {
            long start = Stopwatch.GetTimestamp();
            while (Finished() < 300)
            {
                if (process.WaitForExit(1)) Assert.Fail($"The run ended before it was killed: {process.StandardError.ReadToEnd()}");
                if (Stopwatch.GetElapsedTime(start) > MostWaiting) break;
            }

            process.Kill();
            process.WaitForExit();
            finished = Finished();
        }

        // Or else this was no test.
        Assert.InRange(finished, 300, Pictures.Count - 1);
        using ImageCache cache = ImageCache.Open(Pictures, Resolution, new ImageCacheOptions { Folder = _folder.Path, LowestResolution = 32 });
        Assert.Equal(Pictures.Count - finished, cache.DecodedCount);
        using ImageCache memory = ImageCache.Open(Pictures, Resolution, new ImageCacheOptions { LowestResolution = 32 });
        int[] all = [.. Enumerable.Range(0, Pictures.Count)];
        using torch.Tensor expected = memory.Gather(all, 32), actual = cache.Gather(all, 32);
        Assert.True(expected.bytes.SequenceEqual(actual.bytes));
    }

    public void Dispose() => _folder.Dispose();

    private Process Start()
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string program = RepositoryFiles.PathTo("samples", "Pretrain", "bin", configuration, "net10.0", "Pretrain.dll");
        return Process.Start(new ProcessStartInfo("dotnet",
            [program, "--data", "synthetic", "--resolutions", "32x1", "--stages", "1", "--threads", "1", "--cache", _folder.Path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    /// <summary>Pictures that the unfinished file vouches for: those whose width is there.</summary>
    private int Finished()
    {
        if (Directory.GetFiles(_folder.Path, "*.part") is not [string part]) return 0;
        using var stream = new FileStream(part, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] records = new byte[Pictures.Count * RecordBytes];
        stream.Position = HeaderBytes;
        stream.ReadAtLeast(records, records.Length, throwOnEndOfStream: false);
        return Enumerable.Range(0, Pictures.Count).Count(i => BinaryPrimitives.ReadInt32LittleEndian(records.AsSpan(i * RecordBytes)) > 0);
    }
}
