using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Experiments;

/// <summary>
/// The claim of arXiv 2103.13559: small resolutions and small architectures reach the standard's accuracy in a fraction of its time. Equal
/// epochs in all rows, MoCo v2 with its settings for small data, everything classified at the standard's resolution.
/// </summary>
internal sealed class ScalingTable(Cells cells, ScalingTableOptions options)
{
    private const string Standard = "standard";

    private (string Name, string Resolutions, int Stages)[] Rows =>
    [
        (Standard, Of(112, options.Epochs), 4),
        ("small resolution", Of(56, options.Epochs), 4),
        ("multi-stage", $"{Of(56, options.Epochs / 2)},{Of(112, options.Epochs - (options.Epochs / 2))}", 4),
        ("small architecture", Of(56, options.Epochs), 3),
    ];

    public async Task Run(CancellationToken cancellation)
    {
        for (int seed = 0; seed < options.Seeds; seed++)
        {
            foreach ((string name, string resolutions, int stages) in Rows)
            {
                // Random weights know no pretraining: one row measures them for all.
                string[] alone = name == Standard ? [] : ["--no-scratch"];
                await cells.Get(NameOf(name, seed), [.. Arguments(resolutions, stages, seed), .. alone], cancellation);
            }
        }
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"| recipe | schedule | stages | pretraining s | kNN random | kNN | linear, {options.Fraction} | fine-tuned, {options.Fraction} | seeds |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        JsonElement[] standard = RunsOf(Standard);
        if (standard.Length > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| supervised from scratch | – | 4 | 0 | – | – | – | {Budget(standard, "from_scratch")} | {standard.Length} |");
        }

        foreach ((string name, string resolutions, int stages) in Rows)
        {
            JsonElement[] runs = RunsOf(name);
            if (runs.Length == 0) continue;
            double seconds = 60 * runs.Average(r => r.GetProperty("pretraining").GetProperty("minutes").GetDouble());
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | `{resolutions}` | {stages} | {seconds:f0} | {Spread.Of(runs, "knn_random")} | " +
                $"{Spread.Of(runs, "knn_pretrained")} | {Budget(runs, "probe")} | {Budget(runs, "pretrained")} | {runs.Length} |");
        }

        return text.ToString();
    }

    private static Spread Budget(JsonElement[] runs, string column) =>
        Spread.Of([.. runs.Select(r => r.GetProperty("budgets")[0].GetProperty(column))], "mean");

    private static string Of(int resolution, int epochs) => string.Create(CultureInfo.InvariantCulture, $"{resolution}x{epochs}");

    private static string NameOf(string row, int seed) => string.Create(CultureInfo.InvariantCulture, $"scaling-{row.Replace(' ', '-')}-{seed}");

    private JsonElement[] RunsOf(string row) => [.. Enumerable.Range(0, options.Seeds).Select(s => cells.Find(NameOf(row, s))).OfType<JsonElement>()];

    private string[] Arguments(string resolutions, int stages, int seed) =>
    [
        "--data", options.Data, "--train", options.Train, "--test", options.Test, "--method", "mocov2", "--resolutions", resolutions,
        "--stages", stages.ToString(CultureInfo.InvariantCulture), "--tune-resolution", "112", "--fractions", options.Fraction, "--seeds", "1",
        "--seed", seed.ToString(CultureInfo.InvariantCulture),
    ];
}
