using System.Text.Json.Serialization;

namespace S3L.Core.Training;

/// <summary>The part of a checkpoint that is text.</summary>
internal sealed record CheckpointFacts(RunCursor Cursor, StepFormat Format, double RateFactor, int RollBacks, double StageSeconds,
    IReadOnlyList<StageResult> Stages, IReadOnlyList<TrainingWarning> Warnings, IReadOnlyDictionary<string, string> Identity);

/// <summary>Reads and writes the texts of checkpoints without reflection.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CheckpointFacts))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
