using System.Text.Json;
using System.Text.Json.Serialization;
using S3L.Core.Evaluation;

namespace S3L.Core.Recipes;

/// <summary>The parts of a recipe that are done, kept in a file where a folder is given.</summary>
internal sealed class RecipeState
{
    private const string FileName = "recipe.json";

    private readonly string? _path;
    private readonly Contents _contents;

    private RecipeState(string? path, Contents contents) => (_path, _contents) = (path, contents);

    internal PretrainingResult? Pretraining
    {
        get => _contents.Pretraining;
        set
        {
            _contents.Pretraining = value;
            Save();
        }
    }

    /// <summary>What is known of the recipe in a folder.</summary>
    /// <param name="folder">The folder; null keeps nothing.</param>
    /// <param name="identity">What the results depend on, by name.</param>
    /// <exception cref="ArgumentException">The folder holds another recipe.</exception>
    /// <exception cref="InvalidDataException">The file in the folder is damaged.</exception>
    internal static RecipeState Open(string? folder, IReadOnlyDictionary<string, string> identity)
    {
        if (folder is null) return new RecipeState(null, new Contents());
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return new RecipeState(path, new Contents { Identity = new Dictionary<string, string>(identity) });
        Contents contents = Read(path);
        foreach ((string what, string value) in identity)
        {
            string there = contents.Identity.GetValueOrDefault(what, "missing");
            if (there == value) continue;
            throw new ArgumentException($"'{path}' is of another recipe: its {what} is {there}, but this one's is {value}. " +
                "Give this recipe a folder of its own, or the settings of that one.");
        }

        return new RecipeState(path, contents);
    }

    /// <summary>The figures of a part, measured now unless they are known.</summary>
    internal Figures Get(string part, Func<Figures> measure)
    {
        if (_contents.Parts.TryGetValue(part, out Figures? known)) return known;
        Figures measured = measure();
        _contents.Parts[part] = measured;
        Save();
        return measured;
    }

    private static Contents Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), RecipeJson.Default.Contents)
                ?? throw new InvalidDataException($"'{path}' holds no recipe.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is damaged: {e.Message}", e);
        }
    }

    private void Save()
    {
        if (_path is null) return;
        string temporary = _path + ".part";
        using (FileStream file = new(temporary, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, _contents, RecipeJson.Default.Contents);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, _path, overwrite: true);
    }

    /// <summary>What one part measured.</summary>
    /// <param name="Accuracy">In [0, 1].</param>
    /// <param name="Seconds">Time of training.</param>
    internal sealed record Figures(double Accuracy, double Seconds);

    /// <summary>The file.</summary>
    internal sealed class Contents
    {
        public Dictionary<string, string> Identity { get; set; } = [];

        public PretrainingResult? Pretraining { get; set; }

        public Dictionary<string, Figures> Parts { get; set; } = [];
    }
}

/// <summary>Reads and writes the texts of recipes without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RecipeState.Contents))]
internal sealed partial class RecipeJson : JsonSerializerContext;

/// <summary>Writes settings into one line, by which two recipes are told apart.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(FineTunerOptions))]
internal sealed partial class RecipeIdentityJson : JsonSerializerContext;
