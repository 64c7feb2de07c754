using System.Text.Json;

namespace S3L.Core.Tests.Samples;

public sealed class RecipeSampleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("s3l-recipe-").FullName;

    [Fact]
    public void Says_its_plan_and_what_pretraining_was_worth()
    {
        string[] arguments = ["--data", "synthetic", "--limit", "48", "--resolutions", "40x1", "--fractions", "0.5", "--tune-epochs", "1",
            "--seeds", "1", "--out", _folder];
        SampleRun run = SampleRun.Of("Recipe", arguments);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("stages pretrained: 3 of 4 (the last stage has most of the weights", run.Output, StringComparison.Ordinal);
        Assert.Contains("| labels | from scratch | pretrained | gain |", run.Output, StringComparison.Ordinal);
        string report = File.ReadAllText(Path.Combine(_folder, "report.md"));
        Assert.Contains("one repetition does not tell", report, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "backbone.safetensors")));
        using JsonDocument figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "report.json")));
        Assert.Equal(0.5, figures.RootElement.GetProperty("budgets")[0].GetProperty("fraction").GetDouble());
        // What is done already is not done again.
        Assert.Equal(report, (SampleRun.Of("Recipe", arguments), File.ReadAllText(Path.Combine(_folder, "report.md"))).Item2);
    }

    [Theory]
    [InlineData("mocov2", "imagenet")]
    [InlineData("simclr", "small")]
    public void Other_methods_and_stems_are_used(string method, string stem)
    {
        SampleRun run = SampleRun.Of("Recipe", ["--data", "synthetic", "--limit", "48", "--resolutions", "16x1", "--stages", "2",
            "--tune-resolution", "32",
            "--fractions", "1", "--tune-epochs", "1", "--seeds", "1", "--no-scratch", "--method", method, "--stem", stem, "--out", _folder]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains($"s method\": \"{method}", File.ReadAllText(Path.Combine(_folder, "recipe.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--method must be instdisc, mocov2 or simclr, but is 'x'.", "--method", "x")]
    [InlineData("--stem must be imagenet or small, but is 'x'.", "--stem", "x")]
    public void Unknown_methods_and_stems_are_refused(string message, string option, string value)
    {
        SampleRun run = SampleRun.Of("Recipe", ["--data", "synthetic", option, value]);
        Assert.Equal((2, $"Recipe: {message}  (--help lists the options)"), (run.Code, run.Error.Trim()));
    }

    [Theory]
    [InlineData("--fractions must be numbers separated by commas, but has 'x'.", "0.1,x")]
    [InlineData("LabelFractions must be in (0, 1], but are [2]. (Parameter 'LabelFractions')", "2")]
    public void Wrong_options_are_one_line(string message, string fractions)
    {
        SampleRun run = SampleRun.Of("Recipe", ["--data", "synthetic", "--fractions", fractions]);
        Assert.Equal((2, $"Recipe: {message}  (--help lists the options)"), (run.Code, run.Error.Trim()));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
