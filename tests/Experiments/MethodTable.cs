using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Experiments;

/// <summary>All methods with their settings for small data, on the same pictures, network and schedule.</summary>
internal sealed class MethodTable(Cells cells, MethodTableOptions options)
{
    private static readonly string[] Methods = ["mocov1", "mocov2", "simclr", "simsiam", "byol", "instdisc"];

    public async Task Run(string? only, CancellationToken cancellation)
    {
        // Seed by seed, so that an early end leaves whole rounds.
        for (int seed = 0; seed < options.Seeds; seed++)
        {
            foreach (string method in Methods.Where(m => only is null || m == only))
            {
                await cells.Get(NameOf(method, seed), Arguments(method, seed), cancellation);
            }
        }
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("| method | leave-one-out random | leave-one-out pretrained | gain | validation pretrained | images/s | seconds | seeds |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        JsonElement? any = null;
        foreach (string method in Methods)
        {
            JsonElement[] runs = [.. Enumerable.Range(0, options.Seeds).Select(s => cells.Find(NameOf(method, s))).OfType<JsonElement>()];
            if (runs.Length == 0) continue;
            any = runs[0];
            Spread before = Spread.Of(runs, "knn_leave_one_out_random");
            Spread after = Spread.Of(runs, "knn_leave_one_out_pretrained");
            text.AppendLine(CultureInfo.InvariantCulture, $"| {method} | {before} | {after} | {after.Mean - before.Mean:+0.000;-0.000} | " +
                $"{Spread.Of(runs, "knn_pretrained")} | {Spread.Of(runs, "images_per_second").Mean:f0} | " +
                $"{Spread.Of(runs, "train_seconds").Mean:f0} | {runs.Length} |");
        }

        if (any is not { } run) return text.ToString();
        JsonElement versions = run.GetProperty("versions");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"ResNet-18, {options.Stages} stages, `{options.Resolutions}`, " +
            $"{run.GetProperty("images").GetInt32()} pictures, kNN k = " +
            $"{run.GetProperty("knn_k").GetInt32()}, temperature 0.1; mean ± standard deviation over seeds. " +
            $"{versions.GetProperty("cores").GetInt32()} cores of {versions.GetProperty("processor").GetString()}, {run.GetProperty("stages")[0].GetProperty("precision").GetString()}, " +
            $"{versions.GetProperty("dotnet").GetString()}, libtorch {versions.GetProperty("libtorch").GetString()}.");
        return text.ToString();
    }

    private static string NameOf(string method, int seed) => string.Create(CultureInfo.InvariantCulture, $"methods-{method}-{seed}");

    private string[] Arguments(string method, int seed) =>
    [
        "--data", options.Data, "--train", options.Train, "--test", options.Test, "--method", method,
        "--stages", options.Stages.ToString(CultureInfo.InvariantCulture), "--resolutions", options.Resolutions,
        "--seed", seed.ToString(CultureInfo.InvariantCulture),
    ];
}
