using System.Text.RegularExpressions;
using S3L.Testing;

namespace S3L.Core.Tests;

/// <summary>Which folder may use which: the usings and the qualified names under src/S3L.Core are read as text.</summary>
public sealed partial class ArchitectureTests
{
    // Engine is the seam to what TorchSharp lacks; Weights is a leaf that files of weights and checkpoints share.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Schedules"] = [],
        ["Engine"] = [],
        ["Weights"] = [],
        ["Losses"] = ["Engine"],
        ["Optimizers"] = ["Engine"],
        ["Backbones"] = ["Engine"],
        ["Augmentation"] = ["Engine"],
        ["Data"] = ["Engine"],
        ["Methods"] = ["Backbones", "Losses", "Schedules", "Engine"],
        ["Evaluation"] = ["Backbones", "Optimizers", "Data", "Augmentation", "Schedules", "Weights", "Engine"],
        ["Export"] = ["Backbones", "Weights", "Engine"],
        ["Recipes"] = ["Training", "Evaluation", "Methods", "Backbones", "Data", "Augmentation", "Schedules", "Weights"],
        ["Training"] = ["Methods", "Losses", "Backbones", "Optimizers", "Data", "Augmentation", "Schedules", "Weights", "Engine"],
    };

    public static TheoryData<string> Folders =>
        [.. Directory.GetDirectories(Source).Select(Path.GetFileName).OfType<string>().Where(Allowed.ContainsKey)];

    private static string Source => RepositoryFiles.PathTo("src", "S3L.Core");

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_uses_only_what_the_table_allows(string folder)
    {
        var used = Files(folder).SelectMany(f => Reference().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value)).ToHashSet();
        used.Remove(folder);
        Assert.Empty(used.Except(Allowed[folder]));
    }

    [Fact]
    public void Every_folder_with_sources_is_in_the_table()
    {
        string[] folders = [.. Directory.GetDirectories(Source).Select(Path.GetFileName).OfType<string>()
            .Where(f => f is not ("bin" or "obj") && Files(f).Length > 0)];
        Assert.Empty(folders.Except(Allowed.Keys));
    }

    [Fact]
    public void Schedules_know_no_tensor() =>
        Assert.DoesNotContain(Files("Schedules"), f => Regex.IsMatch(File.ReadAllText(f), @"\b(torch|Tensor)\b"));

    [Fact]
    public void Namespaces_follow_folders()
    {
        foreach (string folder in Allowed.Keys)
        {
            Assert.All(Files(folder), f => Assert.Contains($"namespace S3L.Core.{folder};", File.ReadAllText(f), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Files_have_at_most_400_lines() => Assert.DoesNotContain(Sources(), f => File.ReadLines(f).Count() > 400);

    [Fact]
    public void Lines_have_at_most_150_characters() => Assert.DoesNotContain(Sources(), f => File.ReadLines(f).Any(l => l.Length > 150));

    private static IEnumerable<string> Sources() => ((string[])["src", "samples", "tests"])
        .SelectMany(part => Directory.GetFiles(RepositoryFiles.PathTo(part), "*.cs", SearchOption.AllDirectories))
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static string[] Files(string folder) => Directory.Exists(Path.Combine(Source, folder))
        ? Directory.GetFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories)
        : [];

    [GeneratedRegex(@"S3L\.Core\.(\w+)\b(?=[;.\s])")]
    private static partial Regex Reference();
}
