using S3L.Core.Tests;

namespace S3L.Consumer.Tests;

/// <summary>The kit for a bare machine with a GPU, here on one without: what it builds and starts must work all the same.</summary>
public sealed class GpuKitTests
{
    [Fact]
    public void What_is_packed_runs_without_dotnet()
    {
        string folder = Directory.CreateTempSubdirectory("s3l-gpu-kit").FullName;
        try
        {
            string kit = Path.Combine(folder, "kit.tar.gz"), peer = Path.Combine(folder, "peer.py");
            File.WriteAllText(peer, "print('{\"images_per_s\": 50.0}')\n");
            Commands.Run(folder, RepositoryFiles.PathTo("tests", "Benchmarks", "gpu", "pack.sh"), [kit, peer]).MustSucceed();
            Commands.Run(folder, "tar", ["xzf", kit]).MustSucceed();
            // Only the system's own programs, and the libtorch that the tests run with.
            var bare = new Dictionary<string, string>
            {
                ["PATH"] = "/usr/bin:/bin",
                ["DOTNET_ROOT"] = "",
                ["LIBTORCH"] = "none",
                ["PYTHON"] = "python3",
            };
            string run = Path.Combine(folder, "kit", "run.sh");

            Ended check = Commands.Run(folder, run, ["check"], bare).MustSucceed();
            Assert.Matches("sees no CUDA GPU|allowed", check.Output);

            Assert.Equal(2, Commands.Run(folder, run, ["table"], bare).Code);
            Assert.Contains("run.sh cifar ARCHIVE", Commands.Run(folder, run, ["--help"], bare).MustSucceed().Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
