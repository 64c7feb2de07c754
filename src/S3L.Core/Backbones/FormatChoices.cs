using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using S3L.Core.Engine;

namespace S3L.Core.Backbones;

/// <summary>A format, and why it was chosen.</summary>
internal sealed record FormatChoice(NetworkFormat Format, string Reason)
{
    /// <summary>Whether all formats could be measured. A shortage of memory may pass, so what was chosen in one holds for this process.</summary>
    [JsonIgnore]
    public bool IsForGood { get; init; } = true;
}

/// <summary>
/// What was measured, so that it is measured once: stages, repetitions and shares of labels ask for the same again, and so does the next start.
/// </summary>
internal static class FormatChoices
{
    private const string FileName = "formats.json";

    private static readonly ConcurrentDictionary<string, FormatChoice> OfProcess = new();
    private static readonly Lazy<string> Machine = new(Describe);

    /// <summary>The choice for a situation, measured now unless it is known.</summary>
    /// <param name="folder">Where choices are kept between processes; null keeps them in this one.</param>
    /// <param name="situation">All that decides what is fastest, but for the machine.</param>
    /// <param name="measure">Measures.</param>
    internal static FormatChoice Get(string? folder, string situation, Func<FormatChoice> measure)
    {
        string key = $"{situation} on {Machine.Value}";
        if (OfProcess.TryGetValue(key, out FormatChoice? known)) return known with { Reason = known.Reason + ", measured before" };
        if (folder is not null && Read(folder).TryGetValue(key, out FormatChoice? kept))
        {
            OfProcess[key] = kept;
            return kept with { Reason = kept.Reason + ", measured by an earlier process" };
        }

        FormatChoice measured = OfProcess[key] = measure();
        if (folder is not null && measured.IsForGood) Write(folder, key, measured);
        return measured;
    }

    private static Dictionary<string, FormatChoice> Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), FormatJson.Default.DictionaryStringFormatChoice) ?? [] : [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // What cannot be read is measured again, and then written anew.
            return [];
        }
    }

    private static void Write(string folder, string key, FormatChoice choice)
    {
        string path = Path.Combine(folder, FileName), temporary = $"{path}.{Environment.ProcessId}.part";
        Dictionary<string, FormatChoice> all = Read(folder);
        all[key] = choice;
        try
        {
            File.WriteAllText(temporary, JsonSerializer.Serialize(all, FormatJson.Default.DictionaryStringFormatChoice));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that may only be read costs the next start a measurement, and no run.
        }
    }

    private static string Describe() => $"{Processor()} with {EngineSeam.Name} {torch.__version__}, " +
        $"S3L.Core {typeof(FormatChoices).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}";

    // .NET knows the processor's architecture, not its name.
    private static string Processor()
    {
        const string Linux = "/proc/cpuinfo";
        string? model = File.Exists(Linux)
            ? File.ReadLines(Linux).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return model?[(model.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}

/// <summary>Reads and writes choices without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Dictionary<string, FormatChoice>))]
internal sealed partial class FormatJson : JsonSerializerContext;
