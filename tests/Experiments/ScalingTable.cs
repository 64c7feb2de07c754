using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Experiments;

/// <summary>
/// The claim of arXiv 2103.13559: small resolutions and small architectures reach the standard's accuracy in a fraction of its time. Equal
/// epochs in all rows, one method with its settings for small data, everything classified at the standard's resolution.
/// </summary>
internal sealed class ScalingTable(Cells cells, Cells speeds, ScalingTableOptions options)
{
    public async Task Run(CancellationToken cancellation)
    {
        for (int seed = 0; seed < options.Seeds; seed++)
        {
            foreach (ScalingRow row in options.Rows)
            {
                await cells.Get(NameOf(row, seed), Arguments(row, seed, options.Fraction), cancellation);
            }
        }

        // One seed and fewer epochs with all labels, each of which takes as much longer as there are more of them.
        foreach (ScalingRow row in options.Rows)
        {
            await cells.Get(NameOfAll(row), [.. Arguments(row, 0, "1"), "--tune-epochs", Text(options.EpochsOfAllLabels)], cancellation,
                from: NameOf(row, 0));
        }

        // Apart from the long runs, so that those may share the machine with other work.
        foreach ((int resolution, int stages) in options.Rows.SelectMany(Parts).Select(p => (p.Resolution, p.Stages)).Distinct())
        {
            await speeds.Get(NameOfSpeed(resolution, stages),
                [
                    "--data", options.Data, "--train", options.Train, "--method", options.Method, "--stem", options.Stem, "--no-knn",
                    "--stages", Text(stages), "--resolutions", $"{Text(resolution)}x1", "--seed", "0", .. Limit,
                ], cancellation);
        }
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"| recipe | schedule | stages | pretraining s | kNN random | kNN | " +
            $"linear, {options.Fraction} | fine-tuned, {options.Fraction} | fine-tuned, all | seeds |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        JsonElement[] standard = RunsOf(options.Rows[0]);
        if (standard.Length > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| supervised from scratch | – | {options.Rows[0].Stages} | 0 | – | – | – | " +
                $"{Budget(standard, "from_scratch")} | {All(options.Rows[0], "from_scratch")} | {standard.Length} |");
        }

        foreach (ScalingRow row in options.Rows)
        {
            JsonElement[] runs = RunsOf(row);
            if (runs.Length == 0) continue;
            text.AppendLine(CultureInfo.InvariantCulture, $"| {row.Name} | `{row.Resolutions}` | {row.Stages} | {Seconds(row)} | " +
                $"{Spread.Of(runs, "knn_random")} | {Spread.Of(runs, "knn_pretrained")} | {Budget(runs, "probe")} | " +
                $"{Budget(runs, "pretrained")} | {All(row, "pretrained")} | {runs.Length} |");
        }

        if (speeds.Find(NameOfSpeed(Parts(options.Rows[0]).First().Resolution, options.Rows[0].Stages)) is not { } speed) return text.ToString();
        JsonElement versions = speed.GetProperty("versions");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"ResNet-18, stem {options.Stem}, {options.Method}, " +
            $"{speed.GetProperty("images").GetInt32()} pictures; kNN k = 20; accuracy on {options.Test}, mean ± standard deviation over seeds. " +
            $"Fine-tuned for 1,500 steps, at most 300 epochs; with all labels {options.EpochsOfAllLabels} epochs and one seed. " +
            $"Seconds at the speed of one epoch, measured apart: {versions.GetProperty("cores").GetInt32()} cores of " +
            $"{versions.GetProperty("processor").GetString()}, {speed.GetProperty("stages")[0].GetProperty("precision").GetString()}, " +
            $"{versions.GetProperty("dotnet").GetString()}, libtorch {versions.GetProperty("libtorch").GetString()}.");
        return text.ToString();
    }

    private string[] Limit => options.Limit is { } limit ? ["--limit", Text(limit)] : [];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Spread Budget(JsonElement[] runs, string column) =>
        Spread.Of([.. runs.Select(r => r.GetProperty("budgets")[0].GetProperty(column))], "mean");

    private static IEnumerable<(int Resolution, int Epochs, int Stages)> Parts(ScalingRow row) => row.Resolutions.Split(',')
        .Select(p => p.Split('x').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray()).Select(n => (n[0], n[1], row.Stages));

    private string All(ScalingRow row, string column) => cells.Find(NameOfAll(row)) is { } cell
        ? cell.GetProperty("budgets")[0].GetProperty(column).GetProperty("mean").GetDouble().ToString("f3", CultureInfo.InvariantCulture)
        : "–";

    private string Seconds(ScalingRow row)
    {
        double seconds = 0;
        foreach ((int resolution, int epochs, int stages) in Parts(row))
        {
            if (speeds.Find(NameOfSpeed(resolution, stages)) is not { } speed) return "–";
            seconds += epochs * speed.GetProperty("images").GetInt32() / speed.GetProperty("images_per_second").GetDouble();
        }

        return seconds.ToString("f0", CultureInfo.InvariantCulture);
    }

    private string NameOf(ScalingRow row, int seed) => $"{options.Name}-{row.Name.Replace(' ', '-')}-{Text(seed)}";

    private string NameOfAll(ScalingRow row) => $"{options.Name}-{row.Name.Replace(' ', '-')}-all-labels";

    private string NameOfSpeed(int resolution, int stages) => $"{options.Name}-speed-{Text(resolution)}-{Text(stages)}";

    private JsonElement[] RunsOf(ScalingRow row) =>
        [.. Enumerable.Range(0, options.Seeds).Select(s => cells.Find(NameOf(row, s))).OfType<JsonElement>()];

    private string[] Arguments(ScalingRow row, int seed, string fraction) =>
    [
        "--data", options.Data, "--train", options.Train, "--test", options.Test, "--method", options.Method, "--stem", options.Stem,
        "--resolutions", row.Resolutions, "--stages", Text(row.Stages), "--tune-resolution", Text(options.TuneResolution), "--fractions", fraction,
        "--seeds", "1", "--seed", Text(seed), .. Limit,
        // Random weights know no pretraining: the first row measures them for all.
        .. row == options.Rows[0] ? Array.Empty<string>() : ["--no-scratch"],
    ];
}
