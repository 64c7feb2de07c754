using System.Reflection;
using System.Text.RegularExpressions;
using S3L.Core.Tests;

[assembly: AssemblyFixture(typeof(S3L.Consumer.Tests.PackedFeed))]

namespace S3L.Consumer.Tests;

/// <summary>
/// A folder outside the repository: freshly packed packages, the consumers, built from them, and a package cache of their own, so that no
/// package of the same version that was packed before can take part.
/// </summary>
public sealed partial class PackedFeed : IDisposable
{
    public PackedFeed()
    {
        Root = Directory.CreateTempSubdirectory("s3l-consumers-").FullName;
        try
        {
            CopyFolder(RepositoryFiles.PathTo("tests", "S3L.Consumer.Tests", "Consumers"), Root);
            string readme = File.ReadAllText(RepositoryFiles.PathTo("README.md"));
            File.WriteAllText(PathTo("Readme", "Program.cs"), FirstCode().Match(readme).Groups[1].Value);
            Commands.Run(RepositoryFiles.Root, Commands.Dotnet, ["pack", "S3L.Core.sln", "--no-build", "-c", Configuration, "-o", PathTo("feed")])
                .MustSucceed();
            ShareOtherPackages();
            Dotnet("build", "Consumers.slnx").MustSucceed();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What these tests and the packed assemblies were built in.</summary>
    public static string Configuration { get; } = Metadata("Configuration");

    /// <summary>Version of the packages.</summary>
    public static string Version { get; } = Metadata("S3LVersion");

    public string Root { get; }

    public string PathTo(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>Runs dotnet as the author of a consumer would.</summary>
    public Ended Dotnet(params string[] arguments) => Commands.Run(Root, Commands.Dotnet, arguments, new Dictionary<string, string>
    {
        ["NUGET_PACKAGES"] = PathTo("packages"),
        ["S3LVersion"] = Version,
    });

    /// <summary>Folder of a consumer that was built.</summary>
    public string OutputOf(string consumer) => PathTo(consumer, "bin", "Debug", "net10.0");

    /// <summary>A copy of what was built, to be changed by one test.</summary>
    public string CopyOfOutput(string consumer, string name)
    {
        string copy = PathTo("copies", name);
        CopyFolder(OutputOf(consumer), copy);
        return copy;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>Links the packages of others from the user's cache, which spares their download; none of ours.</summary>
    private void ShareOtherPackages()
    {
        Directory.CreateDirectory(PathTo("packages"));
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        if (!Directory.Exists(cache)) return;
        foreach (string package in Directory.GetDirectories(cache).Where(p => !IsOurs(Path.GetFileName(p))))
        {
            Directory.CreateSymbolicLink(PathTo("packages", Path.GetFileName(package)), package);
        }
    }

    private static bool IsOurs(string package) => package.StartsWith("s3l.", StringComparison.OrdinalIgnoreCase);

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static string Metadata(string key) =>
        typeof(PackedFeed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex FirstCode();
}
