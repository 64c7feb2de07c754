using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;

namespace S3L.Core.Data;

/// <summary>Finds the decoders' shared libraries under the names they have on different systems.</summary>
/// <remarks>An assembly may set one import resolver only, hence one class for all of them.</remarks>
internal static class NativeLibraries
{
    public const string TurboJpeg = "s3l-turbojpeg";
    public const string Png = "s3l-png";
    public const string WebP = "s3l-webp";

    private static readonly ConcurrentDictionary<string, nint> s_handles = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, Library> s_libraries = new(StringComparer.Ordinal)
    {
        [TurboJpeg] = new(
            "JPEG",
            "libjpeg-turbo (TurboJPEG)",
            ["libturbojpeg.so.0", "libturbojpeg.so", "libturbojpeg.0.dylib", "libturbojpeg.dylib", "turbojpeg.dll"],
            "'libturbojpeg0' on Debian ('libturbojpeg' on Ubuntu), 'turbojpeg' on Fedora, "
            + "'libjpeg-turbo' on Alpine and Arch, 'jpeg-turbo' in Homebrew"),
        [Png] = new(
            "PNG",
            "libpng 1.6",
            ["libpng16.so.16", "libpng16.so", "libpng16.16.dylib", "libpng16.dylib", "libpng16.dll"],
            "'libpng16-16' on Debian ('libpng16-16t64' on Ubuntu 24.04 and later), 'libpng' on Fedora, Alpine and Arch and in Homebrew"),
        [WebP] = new(
            "WebP",
            "libwebp",
            ["libwebp.so.7", "libwebp.so.6", "libwebp.so", "libwebp.7.dylib", "libwebp.dylib", "libwebp.dll"],
            "'libwebp7' on Debian and Ubuntu, 'libwebp' on Fedora, Alpine and Arch, 'webp' in Homebrew"),
    };

    static NativeLibraries() =>
        NativeLibrary.SetDllImportResolver(
            typeof(NativeLibraries).Assembly, static (name, _, _) => s_libraries.ContainsKey(name) ? Load(name) : 0);

    /// <summary>Loads a library, or says what to install. Called before the first import of it.</summary>
    /// <param name="name">One of the constants of this class.</param>
    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    public static void Require(string name)
    {
        if (!s_handles.ContainsKey(name))
            Load(name);
    }

    private static nint Load(string name) => s_handles.GetOrAdd(name, static key =>
    {
        Library library = s_libraries[key];
        Assembly assembly = typeof(NativeLibraries).Assembly;
        foreach (string candidate in library.Candidates.SelectMany(Places))
            if (NativeLibrary.TryLoad(candidate, assembly, null, out nint handle))
                return handle;
        throw new DllNotFoundException(
            $"Decoding {library.Format} needs {library.Title}, which could not be loaded (tried {string.Join(", ", library.Candidates)}). "
            + $"Install the package {library.Packages}.");
    });

    // Homebrew's folders are not on the loader's default path.
    private static IEnumerable<string> Places(string file) =>
        OperatingSystem.IsMacOS() ? [file, $"/opt/homebrew/lib/{file}", $"/usr/local/lib/{file}"] : [file];

    private sealed record Library(string Format, string Title, string[] Candidates, string Packages);
}
