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
                await cells.Get(NameOf(method, seed), Arguments(method, seed, options.Resolutions), cancellation);
            }
        }

        // Apart from the long runs, so that those may share the machine with other work: a few epochs, one method right after the other.
        foreach (string method in Methods.Where(m => only is null || m == only))
        {
            await cells.Get(SpeedOf(method), Arguments(method, 0, options.SpeedResolutions), cancellation);
        }
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("| method | leave-one-out random | pretrained | gain | validation random | pretrained | images/s | seconds | seeds |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        JsonElement? any = null;
        foreach (string method in Methods)
        {
            JsonElement[] runs = [.. Enumerable.Range(0, options.Seeds).Select(s => cells.Find(NameOf(method, s))).OfType<JsonElement>()];
            if (runs.Length == 0) continue;
            any = runs[0];
            Spread before = Spread.Of(runs, "knn_leave_one_out_random");
            Spread after = Spread.Of(runs, "knn_leave_one_out_pretrained");
            double? speed = cells.Find(SpeedOf(method))?.GetProperty("images_per_second").GetDouble();
            double epochs = runs[0].GetProperty("stages").EnumerateArray().Sum(s => s.GetProperty("epochs").GetInt32());
            double images = epochs * runs[0].GetProperty("images").GetInt32();
            text.AppendLine(CultureInfo.InvariantCulture, $"| {method} | {before} | {after} | {after.Mean - before.Mean:+0.000;-0.000} | " +
                $"{Spread.Of(runs, "knn_random")} | {Spread.Of(runs, "knn_pretrained")} | {speed:f0} | {images / speed:f0} | {runs.Length} |");
        }

        if ((cells.Find(SpeedOf(Methods[1])) ?? any) is not { } run) return text.ToString();
        JsonElement versions = run.GetProperty("versions");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"ResNet-18, {options.Stages} stages, `{options.Resolutions}`, " +
            $"{run.GetProperty("images").GetInt32()} pictures, kNN k = " +
            $"{run.GetProperty("knn_k").GetInt32()}, temperature 0.1; mean ± standard deviation over seeds. Images/s over " +
            $"`{options.SpeedResolutions}`, each image counted once, and the seconds that `{options.Resolutions}` takes at that speed. " +
            $"{versions.GetProperty("cores").GetInt32()} cores of {versions.GetProperty("processor").GetString()}, " +
            $"{run.GetProperty("stages")[0].GetProperty("precision").GetString()}, " +
            $"{versions.GetProperty("dotnet").GetString()}, libtorch {versions.GetProperty("libtorch").GetString()}.");
        return text.ToString();
    }

    private static string NameOf(string method, int seed) => string.Create(CultureInfo.InvariantCulture, $"methods-{method}-{seed}");

    private static string SpeedOf(string method) => $"methods-{method}-speed";

    private string[] Arguments(string method, int seed, string resolutions) =>
    [
        "--data", options.Data, "--train", options.Train, "--test", options.Test, "--method", method,
        "--stages", options.Stages.ToString(CultureInfo.InvariantCulture), "--resolutions", resolutions,
        "--seed", seed.ToString(CultureInfo.InvariantCulture),
    ];
}
