using System.Text.RegularExpressions;
using S3L.Testing;

namespace S3L.Core.Tests.Documentation;

/// <summary>The messages that docs/troubleshooting.md explains are those that the library writes.</summary>
public sealed partial class TroubleshootingTests
{
    // Shorter fragments, such as "', but", are in many messages.
    private const int LeastFragment = 12;

    private static readonly string Sources = Join(string.Concat(Directory
        .GetFiles(RepositoryFiles.PathTo("src"), "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Select(File.ReadAllText)));

    public static TheoryData<string> Messages =>
        [.. Message().Matches(File.ReadAllText(RepositoryFiles.PathTo("docs", "troubleshooting.md"))).Select(m => m.Groups[1].Value)];

    [Theory, MemberData(nameof(Messages))]
    public void Every_message_is_one_of_the_library(string message)
    {
        string[] fragments = [.. message.Split('…').Select(f => f.Trim()).Where(f => f.Length >= LeastFragment)];
        Assert.True(fragments.Length > 0 || Sources.Contains(message[..message.IndexOf('…', StringComparison.Ordinal)], StringComparison.Ordinal));
        Assert.All(fragments, f => Assert.True(Sources.Contains(f, StringComparison.Ordinal), $"No source has '{f}'."));
    }

    [Fact]
    public void There_are_some() => Assert.True(Messages.Count > 30);

    // Texts that are put together of several literals become one.
    private static string Join(string source) => Seam().Replace(source, "");

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Message();

    [GeneratedRegex(@"""\)?\s*\+\s*(?:FormattableString\.Invariant\()?\$?""")]
    private static partial Regex Seam();
}
