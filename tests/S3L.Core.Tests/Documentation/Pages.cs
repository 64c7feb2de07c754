using System.Text.RegularExpressions;
using S3L.Testing;

namespace S3L.Core.Tests.Documentation;

/// <summary>README.md, the pages under docs/ and the packages' own page, and what stands in them.</summary>
internal static partial class Pages
{
    public static IEnumerable<string> All =>
    [
        "README.md",
        .. Directory.GetFiles(RepositoryFiles.PathTo("docs"), "*.md").Select(f => $"docs/{Path.GetFileName(f)}").Order(StringComparer.Ordinal),
        "eng/package/README.md",
    ];

    /// <summary>The blocks of C#, in the order of the page.</summary>
    public static string[] Code(string page) => [.. CodeBlock().Matches(Text(page)).Select(m => m.Groups[1].Value)];

    /// <summary>The commands of blocks and of the running text, one line each, without comments.</summary>
    public static string[] Commands(string page)
    {
        string text = Text(page).Replace("\\\n", " ", StringComparison.Ordinal);
        IEnumerable<string> lines = CommandLine().Matches(CodeBlock().Replace(text, "")).Select(m => m.Groups[1].Value)
            .Concat(InlineCommand().Matches(text).Select(m => m.Groups[1].Value));
        return [.. lines.Select(l => Spaces().Replace(Comment().Replace(l, ""), " ").Trim()).Distinct()];
    }

    /// <summary>The files of the repository that are linked.</summary>
    public static string[] Links(string page) => [.. Link().Matches(Text(page)).Select(m => m.Groups[1].Value)];

    private static string Text(string page) => File.ReadAllText(RepositoryFiles.PathTo(page)).ReplaceLineEndings("\n");

    [GeneratedRegex("```(?:csharp|cs|c#)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    // Indented, or within a fence of another language, with or without the shell's sign.
    [GeneratedRegex(@"^ *(?:\$ )?((?:[A-Z_]+=\S+ )*(?:\./|dotnet |eng/|tests/\S+\.sh|torchrun |docker |git ).*)$", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"`((?:[A-Z_]+=\S+ )*(?:\./build\.sh|dotnet|eng/\S+\.sh)(?: [^`\n]*)?)`")]
    private static partial Regex InlineCommand();

    [GeneratedRegex(@"\s#\s.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\]\((?!http|#)([^)#]+)")]
    private static partial Regex Link();
}
