using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;

namespace S3L.Torch;

/// <summary>Finds libs3l_torch, and refuses one that does not fit this assembly or the libtorch that was loaded.</summary>
internal static partial class NativeLibraryLoader
{
    internal const int AbiVersion = 6;

    internal const string RebuildCommand = "./build.sh build, or outside the repository: LIBTORCH=FOLDER dotnet build -t:BuildS3LNative";

    private static readonly Lock Gate = new();
    private static nint _library;

    internal static void Install() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);

    /// <summary>Throws where the library and the loaded libtorch are of different versions; separate from loading so that a test can call
    /// it.</summary>
    internal static void CheckVersions(int abi, string builtAgainst, string runtimeConfig)
    {
        if (abi != AbiVersion)
        {
            throw new TorchException(
                $"libs3l_torch has interface version {abi}, but this S3L.Torch needs {AbiVersion}. Rebuild it with: {RebuildCommand}.");
        }

        Match match = RuntimeVersion().Match(runtimeConfig);
        if (!match.Success) return;
        // Patch releases keep the binary interface.
        if (MajorMinor(match.Groups[1].Value) != MajorMinor(builtAgainst))
        {
            throw new TorchException(
                $"libs3l_torch was built against libtorch {builtAgainst}, but libtorch {match.Groups[1].Value} was loaded. " +
                $"Rebuild it with: {RebuildCommand}.");
        }
    }

    /// <summary>The version of libtorch in use, such as 1.13.1.</summary>
    internal static unsafe string LibTorchVersion()
    {
        Match match = RuntimeVersion().Match(Marshal.PtrToStringUTF8((nint)Native.s3l_runtime_config())!);
        return match.Success ? match.Groups[1].Value : Marshal.PtrToStringUTF8((nint)Native.s3l_built_against())!;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Native.Library) return 0;
        lock (Gate)
        {
            if (_library != 0) return _library;
            nint library = Load(assembly, path);
            Verify(library);
            return _library = library;
        }
    }

    private static nint Load(Assembly assembly, DllImportSearchPath? path)
    {
        PrepareOpenBlas();
        var failures = new List<string>();
        foreach (string candidate in Candidates())
        {
            try
            {
                return NativeLibrary.Load(candidate, assembly, path);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                failures.Add(e.Message);
            }
        }

        throw new TorchException(
            "libs3l_torch could not be loaded. It is built against the libtorch of this machine with: " +
            $"{RebuildCommand}.{Environment.NewLine}{string.Join(Environment.NewLine, failures)}");
    }

    // OpenBLAS reads these when it is loaded, and only from the C environment, which .NET's does not reach. Values of the user's stay.
    private static void PrepareOpenBlas()
    {
        // Its threads spin for 25 ms after each product and so take the cores from libtorch's; 16 cycles are as good as none.
        _ = SetCEnvironment("OPENBLAS_THREAD_TIMEOUT", "4", overwrite: 0);
        // It knows Intel's processors by their model, and takes one that is newer than itself for the oldest of all.
        if (IsFromIntel() && Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported)
        {
            _ = SetCEnvironment("OPENBLAS_CORETYPE", "SkylakeX", overwrite: 0);
        }
    }

    // The vendor's name begins with Genu.
    private static bool IsFromIntel() => X86Base.IsSupported && X86Base.CpuId(0, 0).Ebx == 0x756e6547;

    private static IEnumerable<string> Candidates()
    {
        string file = "libs3l_torch.so";
        yield return Path.Combine(AppContext.BaseDirectory, file);
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", file);
        yield return file;
    }

    // Called before any import of Native resolves, hence through exports looked up by hand.
    private static unsafe void Verify(nint library)
    {
        var abi = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, nameof(Native.s3l_abi_version));
        var built = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, nameof(Native.s3l_built_against));
        var config = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, nameof(Native.s3l_runtime_config));
        CheckVersions(abi(), Marshal.PtrToStringUTF8((nint)built())!, Marshal.PtrToStringUTF8((nint)config())!);
    }

    private static string MajorMinor(string version) => string.Join('.', version.Split('.').Take(2));

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetCEnvironment(string name, string value, int overwrite);

    [GeneratedRegex(@"TORCH_VERSION=(\d+\.\d+\.\d+)")]
    private static partial Regex RuntimeVersion();
}
