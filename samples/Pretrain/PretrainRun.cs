using System.Diagnostics;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Methods;
using S3L.Core.Recipes;
using S3L.Core.Schedules;
using S3L.Core.Training;
using S3L.Core.Weights;
using SavedWeights;

namespace Pretrain;

/// <summary>Reads the pictures, measures the random backbone, pretrains it, measures it again.</summary>
internal static class PretrainRun
{
    internal static int Execute(PretrainOptions options, CancellationToken cancellation)
    {
        torch.manual_seed(options.Seed);
        torch.set_num_threads(options.Threads ?? Environment.ProcessorCount);
        var display = new Display(options.Resolutions);
        using IContrastiveMethod method = CreateMethod(options);
        CheckResolutions(options.Resolutions, method.Backbone);
        // Here already: features are computed where the network is.
        if (torch.cuda.is_available()) method.State.to(torch.CUDA);
        int resolution = options.Resolutions[^1].Resolution;
        TrainerOptions preset = PresetOf(options.Method);
        // Pictures of about CIFAR's size are normalised and left sharp as CIFAR's are.
        IReadOnlyList<AugmentationOptions> augmentations = resolution <= 32 ? [AugmentationOptions.Cifar] : preset.Augmentations;
        ColorStatistics statistics = augmentations[0].Statistics;
        CheckpointOptions? checkpoints = CheckpointsOf(options);
        using PictureSets pictures = PictureSets.Open(options, display, cancellation);
        var trainer = new Trainer(preset with
        {
            BatchSize = options.Batch ?? preset.BatchSize,
            LearningRate = options.LearningRate ?? preset.LearningRate,
            LearningRateSchedule = options.WarmupEpochs is { } epochs
                ? preset.LearningRateSchedule with { WarmupEpochs = epochs, WarmupShare = 0 }
                : preset.LearningRateSchedule,
            Augmentations = augmentations,
            Precision = options.Precision,
            StepReplay = options.Replay,
            Threads = options.Threads,
            Seed = options.Seed,
            StepLimit = options.Steps,
            ProbeEveryEpochs = options.ProbeEvery ?? 1,
            Checkpoints = checkpoints,
        }, probe: options.ProbeEvery is null || pictures.Train.Labels.Count == 0
            ? null
            : new Probe(new KnnProbe(pictures.Train, pictures.Test, statistics, new KnnOptions { Neighbors = NeighborsOf(options, pictures) })));
        var report = new RunReport(options, pictures);

        Accuracies random = Measure(method.Backbone, pictures, resolution, statistics, options, cancellation);
        Display.Say($"Random {method.Backbone.Name}: {random}");

        TimeSpan before = DateTime.Now - Process.GetCurrentProcess().StartTime;
        TrainingResult result = display.Train(progress => trainer.Run(method, pictures.Train, options.Resolutions, progress, cancellation));

        Accuracies pretrained = Measure(method.Backbone, pictures, resolution, statistics, options, cancellation);
        foreach (StageResult stage in result.Stages)
        {
            Display.Say(FormattableString.Invariant(
                $"{stage.Resolution} px: {stage.Steps} steps of {stage.BatchSize} in {stage.Seconds:f1} s, ") +
                FormattableString.Invariant($"{stage.ImagesPerSecond:f1} images/s, {stage.Precision}: {stage.PrecisionReason}"));
        }

        Display.Say($"Random backbone:     {random}");
        Display.Say($"Pretrained backbone: {pretrained}");
        if (options.Out is { } folder) SaveBackbone(method.Backbone, statistics, folder);
        double toFirstStep = before.TotalSeconds + result.SecondsToFirstStep;
        if (options.Json is { } file) report.Write(file, result, display.Reports, random, pretrained, toFirstStep);
        return 0;
    }

    private static IContrastiveMethod CreateMethod(PretrainOptions options)
    {
        IBackbone backbone = Networks.Create(options);
        return options.Published ? CreatePublished(options.Method, backbone) : options.Method switch
        {
            "mocov1" => new MoCo(backbone, MoCoOptions.SmallDataV1),
            "simclr" => new SimClr(backbone, SimClrOptions.SmallData),
            "simsiam" => new SimSiam(backbone, SimSiamOptions.SmallData),
            "byol" => new Byol(backbone, ByolOptions.SmallData),
            "instdisc" => new InstanceDiscrimination(backbone, InstanceDiscriminationOptions.SmallData),
            _ => new MoCo(backbone, MoCoOptions.SmallData),
        };
    }

    private static IContrastiveMethod CreatePublished(string method, IBackbone backbone) => method switch
    {
        "mocov2" => new MoCo(backbone, MoCoOptions.Cifar),
        "simclr" => new SimClr(backbone, SimClrOptions.Cifar),
        "simsiam" => new SimSiam(backbone, SimSiamOptions.Cifar),
        "byol" => new Byol(backbone, ByolOptions.Cub200),
        "instdisc" => new InstanceDiscrimination(backbone, InstanceDiscriminationOptions.Cifar),
        _ => throw new ArgumentException($"--published is for mocov2, simclr, simsiam, byol and instdisc, but --method is {method}."),
    };

    private static CheckpointOptions? CheckpointsOf(PretrainOptions options)
    {
        if (options.Out is not { } folder)
        {
            return options.CheckpointEvery is null && !options.Resume
                ? null
                : throw new ArgumentException("--checkpoint-every and --resume need --out, the folder that holds the checkpoints.");
        }

        if (options.CheckpointEvery is null && !options.Resume) return null;
        return new CheckpointOptions(Path.Combine(folder, "checkpoints")) { EverySteps = options.CheckpointEvery, Resume = options.Resume };
    }

    private static TrainerOptions PresetOf(string method) => method switch
    {
        "simclr" => TrainerOptions.SimClr,
        "simsiam" => TrainerOptions.SimSiam,
        "byol" => TrainerOptions.Byol,
        "instdisc" => TrainerOptions.InstanceDiscrimination,
        _ => TrainerOptions.MoCo,
    };

    // Before any picture is read, so that a wrong combination costs no waiting.
    private static void CheckResolutions(ResolutionSchedule schedule, IBackbone backbone)
    {
        if (schedule.FirstOrDefault(s => s.Resolution < backbone.MinimumResolution) is { } stage)
        {
            throw new ArgumentException(
                $"--resolutions must not go below {backbone.MinimumResolution} px for this backbone, but has {stage}; " +
                "--stem small or fewer --stages allow less.");
        }
    }

    private static int NeighborsOf(PretrainOptions options, PictureSets pictures) =>
        options.KnnNeighbors ?? (pictures.Train.Count >= 10_000 ? 200 : 20);

    private static Accuracies Measure(IBackbone backbone, PictureSets pictures, int resolution, ColorStatistics statistics,
        PretrainOptions options, CancellationToken cancellation)
    {
        if (options.NoKnn || pictures.Train.ClassNames.Count == 0) return new Accuracies(null, null, 0);
        int k = NeighborsOf(options, pictures);
        using torch.Tensor known = FeatureExtractor.Extract(backbone, pictures.Train, resolution, statistics,
            cancellation: cancellation);
        using var knn = new KnnClassifier(known, pictures.Train.Labels, pictures.Train.ClassNames.Count, new KnnOptions { Neighbors = k });
        double leaveOneOut = knn.LeaveOneOutAccuracy(cancellation);
        if (pictures.Test is not { } test) return new Accuracies(null, leaveOneOut, k);
        using torch.Tensor features = FeatureExtractor.Extract(backbone, test, resolution, statistics, cancellation: cancellation);
        return new Accuracies(knn.Accuracy(features, test.Labels, cancellation), leaveOneOut, k);
    }

    private static void SaveBackbone(IBackbone backbone, ColorStatistics statistics, string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, "backbone.safetensors");
        Safetensors.Save(path, backbone.Network.state_dict(), SavedNetwork.FactsOf(backbone, statistics));
        Display.Say($"Weights: {path}");
    }

    /// <summary>Says each score as it comes.</summary>
    private sealed class Probe(KnnProbe inner) : IEpochProbe
    {
        public double Measure(IBackbone backbone, int resolution, CancellationToken cancellation = default)
        {
            double score = inner.Measure(backbone, resolution, cancellation);
            Display.Say(FormattableString.Invariant($"kNN so far: {score:f4}"));
            return score;
        }
    }
}
