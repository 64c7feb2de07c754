using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace S3L.Torch.Tests.Interop;

public sealed partial class NativeTests
{
    private static readonly string Header = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "s3l_torch.h"));

    private static readonly string[] Imports =
    [
        .. typeof(Native).GetMethods(BindingFlags.Static | BindingFlags.NonPublic).Select(m => m.Name)
            .Where(n => n.StartsWith("s3l_", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal),
    ];

    [Fact]
    public void Every_import_resolves_in_the_library()
    {
        nint library = NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, "libs3l_torch.so"));

        Assert.NotEmpty(Imports);
        Assert.All(Imports, import => Assert.NotEqual(0, NativeLibrary.GetExport(library, import)));
    }

    [Fact]
    public void Imports_are_the_functions_of_the_header() =>
        Assert.Equal(Function().Matches(Header).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal), Imports);

    [Fact]
    public void Interface_versions_of_header_library_and_loader_are_equal()
    {
        int header = int.Parse(AbiVersion().Match(Header).Groups[1].Value, CultureInfo.InvariantCulture);

        Assert.Equal(NativeLibraryLoader.AbiVersion, header);
        Assert.Equal(header, Native.s3l_abi_version());
    }

    [Fact]
    public void Kinds_of_values_are_numbered_as_in_the_header() => Assert.Equal(EnumOf("s3l_kind"), Numbers<ValueKind>());

    [Fact]
    public void Statuses_are_numbered_as_in_the_header() => Assert.Equal(EnumOf("s3l_status"), Numbers<NativeStatus>());

    [Fact]
    public void Structures_have_the_layout_of_the_header()
    {
        // Two 32-bit numbers and a 64-bit union; one 64-bit number, four of 32 bits and four bytes, padded to 8.
        Assert.Equal(16, Unsafe.SizeOf<NativeValue>());
        Assert.Equal(32, Unsafe.SizeOf<TensorFacts>());
        Assert.Equal(
            Fields("s3l_tensor_facts"),
            typeof(TensorFacts).GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Select(f => f.Name.ToUpperInvariant()));
    }

    [Fact]
    public unsafe void The_version_built_against_is_the_version_that_runs()
    {
        string built = Marshal.PtrToStringUTF8((nint)Native.s3l_built_against())!;
        string config = Marshal.PtrToStringUTF8((nint)Native.s3l_runtime_config())!;

        Assert.Matches(@"^\d+\.\d+\.\d+", built);
        NativeLibraryLoader.CheckVersions(Native.s3l_abi_version(), built, config);
    }

    private static IEnumerable<(string Name, int Number)> EnumOf(string name)
    {
        string body = Regex.Match(Header, @"typedef enum \{([^}]*)\} " + name + ";").Groups[1].Value;
        return EnumEntry().Matches(body).Select(m => (Bare(m.Groups[1].Value), int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture)));
    }

    private static IEnumerable<(string Name, int Number)> Numbers<T>() where T : struct, Enum =>
        Enum.GetValues<T>().Select(v => (v.ToString().ToUpperInvariant(), Convert.ToInt32(v, CultureInfo.InvariantCulture)));

    private static IEnumerable<string> Fields(string name)
    {
        string body = Regex.Match(Header, @"typedef struct \{([^}]*)\} " + name + ";").Groups[1].Value;
        return Field().Matches(body).Select(m => Joined(m.Groups[1].Value));
    }

    private static string Bare(string name) => Joined(name["S3L_".Length..]);

    private static string Joined(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    [GeneratedRegex(@"S3L_API [^;(]*?\b(s3l_\w+)\(")]
    private static partial Regex Function();

    [GeneratedRegex(@"#define S3L_ABI_VERSION (\d+)")]
    private static partial Regex AbiVersion();

    [GeneratedRegex(@"(S3L_\w+) = (\d+)")]
    private static partial Regex EnumEntry();

    [GeneratedRegex(@"\w+_t (\w+);")]
    private static partial Regex Field();
}
