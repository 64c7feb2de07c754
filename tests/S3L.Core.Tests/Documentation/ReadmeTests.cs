using S3L.Testing;

namespace S3L.Core.Tests.Documentation;

public sealed class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(RepositoryFiles.PathTo("README.md"));

    [Fact]
    public void The_first_code_is_the_sample_that_is_compiled()
    {
        string sample = File.ReadAllText(RepositoryFiles.PathTo("samples", "QuickStart", "Program.cs"));
        Assert.Equal(sample.Trim(), Pages.Code("README.md")[0].Trim());
    }

    [Fact]
    public void Code_begins_in_the_first_25_lines()
    {
        int line = Array.FindIndex(Readme.Split('\n'), l => l.StartsWith("```csharp", StringComparison.Ordinal)) + 1;
        Assert.InRange(line, 1, 25);
    }

    [Fact]
    public void Every_page_is_linked() =>
        Assert.Superset(Pages.All.Where(p => p.StartsWith("docs/", StringComparison.Ordinal)).ToHashSet(), Pages.Links("README.md").ToHashSet());

    [Fact]
    public void Files_that_are_linked_exist()
    {
        foreach (string page in Pages.All)
        {
            string folder = Path.GetDirectoryName(RepositoryFiles.PathTo(page))!;
            Assert.All(Pages.Links(page), l => Assert.True(Path.Exists(Path.Combine(folder, l)), $"{page} links {l}, which does not exist."));
        }
    }
}
