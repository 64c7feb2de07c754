using System.Diagnostics;
using System.Text.Json;

namespace Benchmarks;

/// <summary>The whole pipeline, reading, augmentation and step, beside a PyTorch script's: pairwise interleaved, medians of the ratios.</summary>
internal sealed class PeerTable(string python, string script, string? pretrain, string data, int batch, int steps, int rounds)
{
    // On a CPU ours are counted from the first step on, and the peer leaves its first three out. On a GPU the first steps of both look for
    // algorithms, record or compile for many times as long as all others take: ours are the reports after the first, the peer's the steps after
    // these.
    private const int WarmupOnGpu = 40, WarmupOnCpu = 3;

    private readonly bool _onGpu = torch.cuda.is_available();

    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public int Run(string? only, string? json)
    {
        PeerRow[] rows = [.. PeerRow.All.Where(r => only is null || r.Name.Contains(only, StringComparison.Ordinal))];
        if (rows.Length == 0)
        {
            Console.Error.WriteLine($"--only fits no row; rows are such as '{PeerRow.All[0].Name}'.");
            return 2;
        }

        var results = new List<PeerResult>();
        Console.WriteLine("| method | px | stem | stages | ours | plain | tuned | / plain | / tuned | waiting | peak MiB | first step s |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (PeerRow row in rows)
        {
            PeerResult result = Measure(row);
            results.Add(result);
            Console.WriteLine(result);
            // After each row, so that an ended table is not lost.
            if (json is not null) File.WriteAllText(json, JsonSerializer.Serialize(results, Format));
        }

        return 0;
    }

    private PeerResult Measure(PeerRow row)
    {
        var rates = new List<(double Ours, double Plain, double Tuned)>();
        JsonElement last = default;
        for (int round = 0; round < rounds; round++)
        {
            last = Ours(row);
            double ours = last.GetProperty(_onGpu ? "steady_images_per_second" : "images_per_second").GetDouble();
            rates.Add((ours, Peer(row, tuned: false), Peer(row, tuned: true)));
        }

        return new PeerResult(row.Method, row.Size, row.Stem, row.Stages, batch,
            Median(rates.Select(r => r.Ours)), Median(rates.Select(r => r.Plain)),
            Median(rates.Select(r => r.Tuned)), Median(rates.Select(r => r.Ours / r.Plain)), Median(rates.Select(r => r.Ours / r.Tuned)),
            last.GetProperty("wait_seconds").GetDouble() / last.GetProperty("train_seconds").GetDouble(),
            last.GetProperty("peak_memory_mib").GetDouble(), last.GetProperty("first_step_seconds").GetDouble());
    }

    private JsonElement Ours(PeerRow row)
    {
        string file = Path.GetTempFileName();
        try
        {
            // From tests/Benchmarks/bin/Release/net10.0 to the same of the sample.
            string program = pretrain
                ?? Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../samples/Pretrain/bin/Release/net10.0/Pretrain.dll"));
            string[] arguments = row.OursArguments(data, batch, steps, file);
            if (program.EndsWith(".dll", StringComparison.Ordinal)) Execute("dotnet", [program, .. arguments]);
            else Execute(program, arguments);
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
            return document.RootElement.Clone();
        }
        finally
        {
            File.Delete(file);
        }
    }

    private double Peer(PeerRow row, bool tuned)
    {
        string[] arguments = row.PeerArguments(script, data, batch, steps, _onGpu ? WarmupOnGpu : WarmupOnCpu, tuned);
        string[] lines = Execute(python, arguments).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using JsonDocument document = JsonDocument.Parse(lines[^1]);
        return document.RootElement.GetProperty("images_per_s").GetDouble();
    }

    private static string Execute(string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{output}");
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
