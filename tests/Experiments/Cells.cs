using System.Diagnostics;
using System.Text.Json;

namespace Experiments;

/// <summary>Runs of samples/Pretrain by name, each kept as the JSON file that it wrote.</summary>
internal sealed class Cells(string folder)
{
    /// <summary>The figures of a cell, from its file or from running it now.</summary>
    public async Task<JsonElement> Get(string name, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        if (Find(name) is { } known) return known;
        Directory.CreateDirectory(folder);
        string unfinished = Path.Combine(folder, name + ".part.json");
        Console.WriteLine($"{DateTime.Now:HH:mm:ss} {name}");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (string argument in (string[])[Program(), .. arguments, "--json", unfinished]) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        string said = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{name} ended with {process.ExitCode}:\n{said}");
        File.Move(unfinished, Path.Combine(folder, name + ".json"), overwrite: true);
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

    private static string Program() =>
        Path.Combine(Repository.Root, "samples", "Pretrain", "bin", "Release", "net10.0", "Pretrain.dll");
}
