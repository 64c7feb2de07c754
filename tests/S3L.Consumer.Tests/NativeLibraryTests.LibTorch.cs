using S3L.Core.Tests;

namespace S3L.Consumer.Tests;

/// <summary>A consumer whose native library is missing, built for another libtorch, or built anew.</summary>
public sealed class NativeLibraryTests(PackedFeed feed)
{
    private const string Rebuild = "./build.sh build, or outside the repository: LIBTORCH=FOLDER dotnet build -t:BuildS3LNative.";

    [Fact]
    public void Without_the_library_the_error_says_how_to_build_it()
    {
        string folder = WithoutLibrary("missing");
        Ended run = Run(folder);
        Assert.NotEqual(0, run.Code);
        Assert.Contains($"libs3l_torch could not be loaded. It is built against the libtorch of this machine with: {Rebuild}",
            run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_for_another_libtorch_is_refused_with_both_versions()
    {
        string folder = WithoutLibrary("other");
        string source = Path.Combine(folder, "other.cpp");
        string header = RepositoryFiles.PathTo("src", "S3L.Torch", "native", "s3l_torch.h");
        File.WriteAllText(source, $"#include \"{header}\"\n" + """
            extern "C" int s3l_abi_version() { return S3L_ABI_VERSION; }
            extern "C" const char* s3l_built_against() { return "2.99.1"; }
            extern "C" const char* s3l_runtime_config() { return "TORCH_VERSION=1.13.1, USE_CUDA=OFF"; }
            """);
        Commands.Run(folder, "g++", ["-shared", "-fPIC", "-o", "libs3l_torch.so", source]).MustSucceed();
        Ended run = Run(folder);
        Assert.NotEqual(0, run.Code);
        Assert.Contains($"libs3l_torch was built against libtorch 2.99.1, but libtorch 1.13.1 was loaded. Rebuild it with: {Rebuild}",
            run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_library_is_built_from_the_package_and_taken_from_then_on()
    {
        feed.Dotnet("build", "Service", "-t:BuildS3LNative").MustSucceed();
        feed.Dotnet("publish", "Service", "-c", "Debug", "-o", feed.PathTo("published")).MustSucceed();
        byte[] built = File.ReadAllBytes(feed.PathTo("Service", "obj", "s3l_native", "libs3l_torch.so"));
        Assert.Equal(built, File.ReadAllBytes(Path.Combine(feed.OutputOf("Service"), "libs3l_torch.so")));
        Assert.Equal(built, File.ReadAllBytes(feed.PathTo("published", "libs3l_torch.so")));
        DeletePackaged(feed.PathTo("published"));
        Assert.Contains("9 steps", Run(feed.PathTo("published")).MustSucceed().Output, StringComparison.Ordinal);
    }

    private static Ended Run(string folder) => Commands.Run(folder, Commands.Dotnet, [Path.Combine(folder, "Service.dll")]);

    private static void DeletePackaged(string folder)
    {
        string[] packaged = Directory.GetFiles(Path.Combine(folder, "runtimes"), "libs3l_torch.so", SearchOption.AllDirectories);
        Assert.Single(packaged);
        File.Delete(packaged[0]);
    }

    private string WithoutLibrary(string name)
    {
        string folder = feed.CopyOfOutput("Service", name);
        DeletePackaged(folder);
        File.Delete(Path.Combine(folder, "libs3l_torch.so"));
        return folder;
    }
}
