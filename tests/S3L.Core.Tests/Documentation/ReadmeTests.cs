using System.Text.RegularExpressions;
using S3L.Testing;

namespace S3L.Core.Tests;

public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(RepositoryFiles.PathTo("README.md"));

    [Fact]
    public void The_first_code_is_the_sample_that_is_compiled()
    {
        string sample = File.ReadAllText(RepositoryFiles.PathTo("samples", "QuickStart", "Program.cs"));
        Assert.Equal(sample.Trim(), Code().Match(Readme).Groups[1].Value.Trim());
    }

    [Fact]
    public void Code_begins_in_the_first_25_lines()
    {
        int line = Array.FindIndex(Readme.Split('\n'), l => l.StartsWith("```csharp", StringComparison.Ordinal)) + 1;
        Assert.InRange(line, 1, 25);
    }

    [Fact]
    public void Files_that_it_links_exist()
    {
        foreach (Match link in Link().Matches(Readme))
        {
            Assert.True(Path.Exists(RepositoryFiles.PathTo(link.Groups[1].Value)), $"README.md links {link.Groups[1].Value}, which does not exist.");
        }
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\((?!http|#)([^)#]+)")]
    private static partial Regex Link();
}
