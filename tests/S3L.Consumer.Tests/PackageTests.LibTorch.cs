using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml.Linq;
using S3L.Core.Tests;

namespace S3L.Consumer.Tests;

/// <summary>What is in the packages.</summary>
public sealed class PackageTests(PackedFeed feed)
{
    private static readonly Dictionary<string, string[]> Dependencies = new()
    {
        ["S3L.Torch"] = [],
        ["S3L.Core"] = ["Microsoft.Extensions.Logging.Abstractions", "S3L.Torch"],
        ["S3L.Core.DependencyInjection"] = ["Microsoft.Extensions.Configuration.Abstractions", "Microsoft.Extensions.Options", "S3L.Core"],
        ["S3L.Core.Extensions.AI"] = ["Microsoft.Extensions.AI.Abstractions", "S3L.Core", "S3L.Torch"],
        ["S3L.Testing"] = ["S3L.Core", "S3L.Torch"],
    };

    public static TheoryData<string> Packages => [.. Dependencies.Keys];

    [Fact]
    public void All_packages_are_packed_each_with_its_symbols()
    {
        string[] expected = [.. Dependencies.Keys.SelectMany(p => (string[])[$"{p}.{PackedFeed.Version}.nupkg", $"{p}.{PackedFeed.Version}.snupkg"])];
        Assert.Equal(expected.Order(StringComparer.Ordinal),
            Directory.GetFiles(feed.PathTo("feed")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Packed_again_they_are_the_same_bytes()
    {
        string again = feed.PathTo("again");
        Commands.Run(RepositoryFiles.Root, Commands.Dotnet, ["pack", "S3L.Core.sln", "--no-build", "-c", PackedFeed.Configuration, "-o", again])
            .MustSucceed();
        string[] files = [.. Directory.GetFiles(again).Select(Path.GetFileName).OfType<string>()];
        Assert.Equal(2 * Dependencies.Count, files.Length);
        Assert.All(files, f => Assert.Equal(File.ReadAllBytes(feed.PathTo("feed", f)), File.ReadAllBytes(Path.Combine(again, f))));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_holds_its_assembly_documentation_readme_and_icon_and_its_symbols_apart(string package)
    {
        string[] files = Files(package, "nupkg");
        string[] expected = [$"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml", "README.md", "icon.png"];
        Assert.Superset(expected.ToHashSet(), files.ToHashSet());
        Assert.DoesNotContain(files, f => f.EndsWith(".pdb", StringComparison.Ordinal));
        Assert.Contains($"lib/net10.0/{package}.pdb", Files(package, "snupkg"));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_depends_on_what_the_page_of_dependencies_justifies_and_on_nothing_else(string package)
    {
        string page = File.ReadAllText(RepositoryFiles.PathTo("docs", "dependencies.md"));
        string[] depends = [.. Elements(Nuspec(package), "dependency").Select(d => d.Attribute("id")!.Value).Order(StringComparer.Ordinal)];
        Assert.Equal(Dependencies[package], depends);
        Assert.Contains($"## {package}\n", page, StringComparison.Ordinal);
        string section = page.Split($"## {package}\n")[1].Split("\n## ")[0];
        Assert.All(depends, d => Assert.Contains($"`{d}`", section, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_names_its_licence_readme_and_icon(string package)
    {
        XDocument nuspec = Nuspec(package);
        Assert.Equal(("MIT", "expression"), (Text(nuspec, "license"), Elements(nuspec, "license").Single().Attribute("type")?.Value));
        Assert.Equal(("README.md", "icon.png"), (Text(nuspec, "readme"), Text(nuspec, "icon")));
        Assert.NotEmpty(Text(nuspec, "description"));
        Assert.NotEmpty(Text(nuspec, "tags"));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Where_it_was_built_is_not_in_a_release_package(string package)
    {
        using ZipArchive archive = Open(package, "nupkg");
        byte[] root = Encoding.UTF8.GetBytes(RepositoryFiles.Root);
        string[] telling = [.. archive.Entries.Where(e => Bytes(e).AsSpan().IndexOf(root) >= 0).Select(e => e.FullName)];
        Assert.Equal(PackedFeed.Configuration == "Debug" ? [$"lib/net10.0/{package}.dll"] : [], telling);
    }

    [Fact]
    public void The_binding_brings_its_native_library_and_what_builds_it_for_another_libtorch()
    {
        string architecture = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
        string[] sources = Directory.GetFiles(RepositoryFiles.PathTo("src", "S3L.Torch", "native"));
        string[] expected =
        [
            $"runtimes/linux-{architecture}/native/libs3l_torch.so", "buildTransitive/S3L.Torch.targets",
            .. sources.Select(file => $"native/{Path.GetFileName(file)}"),
        ];
        Assert.Contains("native/CMakeLists.txt", expected);
        Assert.Superset(expected.ToHashSet(), Files("S3L.Torch", "nupkg").ToHashSet());
    }

    private static IEnumerable<XElement> Elements(XDocument nuspec, string name) => nuspec.Descendants().Where(e => e.Name.LocalName == name);

    private static string Text(XDocument nuspec, string name) => Elements(nuspec, name).Single().Value;

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private ZipArchive Open(string package, string kind) => ZipFile.OpenRead(feed.PathTo("feed", $"{package}.{PackedFeed.Version}.{kind}"));

    private string[] Files(string package, string kind)
    {
        using ZipArchive archive = Open(package, kind);
        return [.. archive.Entries.Select(e => e.FullName)];
    }

    private XDocument Nuspec(string package)
    {
        using ZipArchive archive = Open(package, "nupkg");
        using Stream stream = archive.GetEntry(package + ".nuspec")!.Open();
        return XDocument.Load(stream);
    }
}
