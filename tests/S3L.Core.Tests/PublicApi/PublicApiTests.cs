using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using S3L.Core.Extensions.AI;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.PublicApi;

/// <summary>
/// The public surface of each package is the approved text beside this file, whichever engine it is built for, and all of it is used.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly Assembly[] Packages =
    [
        typeof(Trainer).Assembly, typeof(S3LServiceCollectionExtensions).Assembly, typeof(ImageEmbeddingGenerator).Assembly,
        typeof(LiveTensors).Assembly,
    ];

    public static TheoryData<string> Names => [.. Packages.Select(p => p.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_as_approved(string package) => ApprovedApi.Check(Of(package), package);

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_type_stands_in_a_page_or_a_sample(string package)
    {
        string[] files =
        [
            RepositoryFiles.PathTo("README.md"), .. Directory.GetFiles(RepositoryFiles.PathTo("docs"), "*.md"),
            .. Directory.GetDirectories(RepositoryFiles.PathTo("samples")).SelectMany(d => Directory.GetFiles(d, "*.cs")),
        ];
        HashSet<string> words = [.. files.SelectMany(f => Regex.Matches(File.ReadAllText(f), @"\w+").Select(m => m.Value))];
        string[] missing = [.. Of(package).GetExportedTypes().Where(t => !words.Contains(NameOf(t))).Select(t => t.FullName!)];
        Assert.Equal([], missing);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_type_is_used_by_a_test(string package)
    {
        HashSet<MemberInfo> used = AssemblyReferences.RowsOf(typeof(PublicApiTests).Assembly, Of(package));
        HashSet<string> types = [.. used.Select(m => (m as Type ?? m.DeclaringType)!.FullName!)];
        // Constants of an enumeration leave no reference: those are found in the sources.
        string[] sources = Directory.GetFiles(RepositoryFiles.PathTo("tests", "S3L.Core.Tests"), "*.cs", SearchOption.AllDirectories);
        var text = new Lazy<HashSet<string>>(() => [.. sources.SelectMany(f => Regex.Matches(File.ReadAllText(f), @"\w+").Select(m => m.Value))]);
        string[] names = [.. Of(package).GetExportedTypes().Select(t => t.FullName!)];
        Assert.Equal([], names.Where(t => !types.Contains(t) && !text.Value.Contains(t.Split('.', '+')[^1])));
    }

    private static Assembly Of(string package) => Packages.Single(p => p.GetName().Name == package);

    private static string NameOf(Type type) => type.Name.Split('`')[0];
}
