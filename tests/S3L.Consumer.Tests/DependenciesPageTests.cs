using System.Text.RegularExpressions;
using S3L.Core.Tests;

namespace S3L.Consumer.Tests;

public sealed partial class DependenciesPageTests
{
    [Fact]
    public void Every_package_that_a_shipped_project_references_is_justified()
    {
        string page = File.ReadAllText(RepositoryFiles.PathTo("docs", "dependencies.md"));
        string[] projects = Directory.GetFiles(RepositoryFiles.PathTo("src"), "*.csproj", SearchOption.AllDirectories);
        string[] packages = [.. projects.Append(RepositoryFiles.PathTo("eng", "Engine.props"))
            .SelectMany(p => Reference().Matches(File.ReadAllText(p)).Select(m => m.Groups[1].Value)).Distinct()];
        Assert.Contains("TorchSharp", packages);
        Assert.All(packages, p => Assert.Contains($"`{p}`", page, StringComparison.Ordinal));
    }

    // A name that is a property is the application's choice.
    [GeneratedRegex(@"<PackageReference Include=""([^""$]+)""")]
    private static partial Regex Reference();
}
