using System.Globalization;
using System.Text.Json;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>What makes a run this run: a checkpoint of one that differs in any of it is of no use.</summary>
internal static class RunIdentity
{
    internal static Dictionary<string, string> Of(IContrastiveMethod method, ImageCache images, ResolutionSchedule schedule,
        TrainerOptions options) => new()
        {
            ["method"] = method.Name,
            ["backbone"] = method.Backbone.Name,
            ["pictures"] = images.Count.ToString(CultureInfo.InvariantCulture),
            ["schedule"] = schedule.ToString(),
            ["batch size"] = options.BatchSize.ToString(CultureInfo.InvariantCulture),
            ["learning rate"] = options.LearningRate.ToString("r", CultureInfo.InvariantCulture),
            // As JSON: the text of a record has no elements of its lists, but their types, and numbers as the user's language writes them.
            ["learning-rate schedule"] = JsonSerializer.Serialize(options.LearningRateSchedule, CheckpointJson.Default.LearningRateSchedule),
            ["optimizer"] = Describe(options.Optimizer),
            ["parameter groups"] = JsonSerializer.Serialize(options.ParameterGroups, CheckpointJson.Default.IReadOnlyListParameterGroup),
            ["augmentations"] = JsonSerializer.Serialize(options.Augmentations, CheckpointJson.Default.IReadOnlyListAugmentationOptions),
            ["seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["description of the method"] = method.Settings,
            ["description of the backbone"] = method.Backbone.Settings,
        };

    /// <summary>Kind and settings of an optimizer.</summary>
    internal static string Describe(OptimizerSettings optimizer) =>
        $"{optimizer.GetType().Name} {JsonSerializer.Serialize(optimizer, optimizer.GetType(), CheckpointJson.Default)}";

    /// <summary>Refuses a checkpoint of another run.</summary>
    /// <exception cref="ArgumentException">Something differs.</exception>
    internal static void Check(IReadOnlyDictionary<string, string> saved, IReadOnlyDictionary<string, string> wanted, string file)
    {
        foreach ((string what, string value) in wanted)
        {
            string there = saved.TryGetValue(what, out string? found) ? found : "missing";
            if (there != value)
            {
                throw new ArgumentException($"'{file}' is of another run: its {what} is {there}, but this run's is {value}. " +
                    "Give this run a folder of its own, or the settings of that one.");
            }
        }
    }
}
