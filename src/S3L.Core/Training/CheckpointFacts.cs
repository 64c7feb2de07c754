using System.Text.Json.Serialization;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>The part of a checkpoint that is text.</summary>
internal sealed record CheckpointFacts(RunCursor Cursor, NetworkFormat Format, double RateFactor, int RollBacks, double FirstWeightNorm,
    double StageSeconds, long StageReplayedSteps, double WaitSeconds, IReadOnlyList<StageResult> Stages, IReadOnlyList<TrainingWarning> Warnings,
    IReadOnlyList<EpochScore> Scores, IReadOnlyDictionary<string, string> Identity);

/// <summary>Reads and writes the texts of checkpoints without reflection.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CheckpointFacts))]
[JsonSerializable(typeof(LearningRateSchedule))]
[JsonSerializable(typeof(SgdSettings))]
[JsonSerializable(typeof(LarsSettings))]
[JsonSerializable(typeof(AdamWSettings))]
[JsonSerializable(typeof(IReadOnlyList<ParameterGroup>))]
[JsonSerializable(typeof(IReadOnlyList<AugmentationOptions>))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
