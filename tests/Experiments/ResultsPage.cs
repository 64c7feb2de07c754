namespace Experiments;

/// <summary>docs/results.md: tables between marks, each replaced as a whole.</summary>
internal static class ResultsPage
{
    public static void Replace(string section, string markdown)
    {
        string path = Path.Combine(Repository.Root, "docs", "results.md");
        string text = File.ReadAllText(path);
        (string begin, string end) = ($"<!-- {section} -->\n", $"<!-- end of {section} -->");
        int from = text.IndexOf(begin, StringComparison.Ordinal);
        int to = text.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from) throw new InvalidOperationException($"docs/results.md has no section '{section}'.");
        File.WriteAllText(path, text[..(from + begin.Length)] + markdown + text[to..]);
        Console.WriteLine(markdown);
    }
}
