using S3L.Core.Backbones;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace Pretrain;

/// <summary>What the command line asks for.</summary>
internal sealed record PretrainOptions
{
    public required string Data { get; init; }

    public string? Train { get; init; }

    public string? Test { get; init; }

    public string Method { get; init; } = "mocov2";

    public bool Published { get; init; }

    public string Backbone { get; init; } = "resnet18";

    public ResNetStem Stem { get; init; }

    public int? Stages { get; init; }

    public required ResolutionSchedule Resolutions { get; init; }

    public int? Batch { get; init; }

    public double? LearningRate { get; init; }

    public double? WarmupEpochs { get; init; }

    public Precision Precision { get; init; }

    public StepReplay Replay { get; init; }

    public int? Threads { get; init; }

    public int Seed { get; init; }

    public int? Limit { get; init; }

    public long? Steps { get; init; }

    public string? Cache { get; init; }

    public int? KnnNeighbors { get; init; }

    public bool NoKnn { get; init; }

    public int? ProbeEvery { get; init; }

    public string? Out { get; init; }

    public long? CheckpointEvery { get; init; }

    public bool Resume { get; init; }

    public string? Json { get; init; }
}
