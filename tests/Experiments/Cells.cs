using System.Diagnostics;
using System.Text.Json;

namespace Experiments;

/// <summary>Runs of a sample by name, each kept as the JSON file that it wrote.</summary>
/// <param name="folder">Where the files are kept.</param>
/// <param name="sample">The sample that is run, such as Pretrain.</param>
/// <param name="output">The arguments that make the sample write its figures, from the folder of its own that a run is given.</param>
/// <param name="figures">The file within that folder.</param>
internal sealed class Cells(string folder, string sample, Func<string, string[]> output, string figures)
{
    public static Cells OfPretrain(string folder) => new(folder, "Pretrain", run => ["--json", Path.Combine(run, "figures.json")], "figures.json");

    public static Cells OfRecipe(string folder) => new(folder, "Recipe", run => ["--out", run], "report.json");

    /// <summary>The figures of a cell, from its file or from running it now.</summary>
    /// <param name="name">What the cell is called.</param>
    /// <param name="arguments">Of the sample.</param>
    /// <param name="cancellation">Ends the run, which goes on from there the next time.</param>
    /// <param name="from">A cell with the same pretraining, whose folder this run goes on in.</param>
    public async Task<JsonElement> Get(string name, IEnumerable<string> arguments, CancellationToken cancellation, string? from = null)
    {
        if (Find(name) is { } known) return known;
        // A run that keeps what it has done goes on with it.
        string unfinished = Path.Combine(folder, (from ?? name) + ".run");
        Directory.CreateDirectory(unfinished);
        Console.WriteLine($"{DateTime.Now:HH:mm:ss} {name}");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (string argument in (string[])[Program(), .. arguments, .. output(unfinished)]) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        string said = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{name} ended with {process.ExitCode}:\n{said}");
        File.Move(Path.Combine(unfinished, figures), Path.Combine(folder, name + ".json"), overwrite: true);
        return Find(name)!.Value;
    }

    /// <summary>The figures of a cell that was run; null where it was not.</summary>
    public JsonElement? Find(string name)
    {
        string file = Path.Combine(folder, name + ".json");
        if (!File.Exists(file)) return null;
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
        return document.RootElement.Clone();
    }

    private string Program() => Path.Combine(Repository.Root, "samples", sample, "bin", "Release", "net10.0", sample + ".dll");
}
