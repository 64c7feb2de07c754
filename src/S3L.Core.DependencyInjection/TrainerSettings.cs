using Microsoft.Extensions.Configuration;
using S3L.Core.Backbones;
using S3L.Core.Training;
using static S3L.Core.DependencyInjection.SettingsReader;

namespace S3L.Core.DependencyInjection;

/// <summary>Which settings a configuration may hold. Read one by one, without reflection, so that trimmed applications have them too.</summary>
internal static class TrainerSettings
{
    private static readonly Settings<CheckpointOptions> Checkpoints = new()
    {
        [nameof(CheckpointOptions.Folder)] = (o, _) => o,
        [nameof(CheckpointOptions.EverySteps)] = (o, s) => o with { EverySteps = Integer(s) },
        [nameof(CheckpointOptions.KeepLast)] = (o, s) => o with { KeepLast = Integer(s) },
        [nameof(CheckpointOptions.Resume)] = (o, s) => o with { Resume = Flag(s) },
        [nameof(CheckpointOptions.SaveWhenCancelled)] = (o, s) => o with { SaveWhenCancelled = Flag(s) },
    };

    private static readonly Settings<GuardOptions> Guarding = new()
    {
        [nameof(GuardOptions.Action)] = (o, s) => o with { Action = Name<GuardAction>(s) },
        [nameof(GuardOptions.LeastSpread)] = (o, s) => o with { LeastSpread = Number(s) },
        [nameof(GuardOptions.LeastRank)] = (o, s) => o with { LeastRank = Number(s) },
        [nameof(GuardOptions.MostGrowth)] = (o, s) => o with { MostGrowth = Number(s) },
        [nameof(GuardOptions.Patience)] = (o, s) => o with { Patience = Integer(s) },
        [nameof(GuardOptions.MostRollBacks)] = (o, s) => o with { MostRollBacks = Integer(s) },
        [nameof(GuardOptions.SnapshotEverySteps)] = (o, s) => o with { SnapshotEverySteps = Integer(s) },
    };

    private static readonly Settings<TrainerOptions> Trainer = new()
    {
        [nameof(TrainerOptions.BatchSize)] = (o, s) => o with { BatchSize = Integer(s) },
        [nameof(TrainerOptions.LearningRate)] = (o, s) => o with { LearningRate = Number(s) },
        [nameof(TrainerOptions.Precision)] = (o, s) => o with { Precision = Name<Precision>(s) },
        [nameof(TrainerOptions.StepReplay)] = (o, s) => o with { StepReplay = Name<StepReplay>(s) },
        [nameof(TrainerOptions.Threads)] = (o, s) => o with { Threads = Integer(s) },
        [nameof(TrainerOptions.Device)] = (o, s) => o with { Device = Text(s) },
        [nameof(TrainerOptions.CacheFolder)] = (o, s) => o with { CacheFolder = Text(s) },
        [nameof(TrainerOptions.Seed)] = (o, s) => o with { Seed = Integer(s) },
        [nameof(TrainerOptions.ReportEverySteps)] = (o, s) => o with { ReportEverySteps = Integer(s) },
        [nameof(TrainerOptions.StepLimit)] = (o, s) => o with { StepLimit = Integer(s) },
        [nameof(TrainerOptions.Checkpoints)] = (o, s) => o with { Checkpoints = ReadCheckpoints(o.Checkpoints, s) },
        [nameof(TrainerOptions.Guarding)] = (o, s) => o with { Guarding = Read(o.Guarding, s, Guarding) },
    };

    /// <summary>The options with what the configuration says in place of their values.</summary>
    internal static TrainerOptions Over(TrainerOptions options, IConfiguration section) => Read(options, section, Trainer);

    private static CheckpointOptions ReadCheckpoints(CheckpointOptions? options, IConfigurationSection section)
    {
        if (section[nameof(CheckpointOptions.Folder)] is { Length: > 0 } folder)
        {
            CheckpointOptions old = options ?? new CheckpointOptions(folder);
            options = new CheckpointOptions(folder)
            {
                EverySteps = old.EverySteps,
                KeepLast = old.KeepLast,
                Resume = old.Resume,
                SaveWhenCancelled = old.SaveWhenCancelled,
            };
        }

        return Read(options ?? throw Refused(section, "must hold a Folder, but holds none."), section, Checkpoints);
    }
}
