using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace S3L.Torch.Tests.Interop;

public sealed class NativeLibraryLoaderTests
{
    private const string Config = "PyTorch built with:\n  - Build settings: BLAS_INFO=open, TORCH_VERSION=1.13.1, USE_CUDA=OFF";

    [Fact]
    public void Another_interface_version_is_refused_with_both_versions_and_the_command()
    {
        TorchException thrown = Assert.Throws<TorchException>(() => NativeLibraryLoader.CheckVersions(987, "1.13.1", Config));

        Assert.Equal(
            $"libs3l_torch has interface version 987, but this S3L.Torch needs {NativeLibraryLoader.AbiVersion}. " +
            $"Rebuild it with: {NativeLibraryLoader.RebuildCommand}.", thrown.Message);
    }

    [Theory]
    [InlineData("1.12.1")]
    [InlineData("2.13.1")]
    public void Another_libtorch_is_refused_with_both_versions_and_the_command(string built)
    {
        TorchException thrown = Assert.Throws<TorchException>(() => NativeLibraryLoader.CheckVersions(NativeLibraryLoader.AbiVersion, built, Config));

        Assert.Equal(
            $"libs3l_torch was built against libtorch {built}, but libtorch 1.13.1 was loaded. " +
            $"Rebuild it with: {NativeLibraryLoader.RebuildCommand}.", thrown.Message);
    }

    [Theory]
    [InlineData("1.13.1")]
    [InlineData("1.13.0")]
    [InlineData("1.13.0a0+git49444c3")]
    public void Patch_releases_and_build_marks_are_accepted(string built) =>
        Assert.Null(Record.Exception(() => NativeLibraryLoader.CheckVersions(NativeLibraryLoader.AbiVersion, built, Config)));

    [Fact]
    public void The_rebuild_command_is_named() => Assert.Contains("build", NativeLibraryLoader.RebuildCommand, StringComparison.Ordinal);

    /// <summary>OpenBLAS takes a processor that it does not know for one without AVX, on which it is four times as slow.</summary>
    [Fact]
    public void OpenBlas_knows_the_vectors_that_there_are()
    {
        torch.ones([1]).Dispose();
        if (!NativeLibrary.TryLoad("libopenblas.so.0", out nint library)) return;
        string core = Marshal.PtrToStringUTF8(CoreName(NativeLibrary.GetExport(library, "openblas_get_corename")))!;
        Assert.True(!Avx2.IsSupported || !core.Equals("Prescott", StringComparison.OrdinalIgnoreCase), core);

        static unsafe nint CoreName(nint function) => ((delegate* unmanaged<nint>)function)();
    }
}
