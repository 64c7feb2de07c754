using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Methods;
using S3L.Core.Training;
using S3L.Core.Weights;

namespace S3L.Core.Recipes;

/// <summary>One run of a recipe. Each part is measured from seeds of its own, so that an ended run goes on as if it had not been.</summary>
internal sealed class RecipeRun(RecipePlan plan, RecipeOptions options, Func<IBackbone> createBackbone,
    Func<IBackbone, IContrastiveMethod>? createMethod, ILogger logger, IProgress<RecipeProgress>? progress, CancellationToken cancellation)
    : IDisposable
{
    private const int Neighbors = 20;

    private readonly int _threads = plan.Pretraining.Threads ?? Environment.ProcessorCount;
    private readonly torch.Device _device = plan.Pretraining.ChooseDevice();
    private readonly int _parts = 1 + (options.LabelFractions.Count * options.Seeds * (options.ComparesWithScratch ? 3 : 2));
    private int _done;
    private ImageCache? _train;
    private ImageCache? _test;
    private torch.Tensor? _trainFeatures;
    private torch.Tensor? _testFeatures;

    private KnnOptions KnnSettings => new() { Neighbors = Math.Min(Neighbors, _train!.Count) };

    private ColorStatistics Statistics => plan.Pretraining.Augmentations[0].Statistics;

    private string? WeightsFile => options.Folder is { } folder ? Path.Combine(folder, "backbone.safetensors") : null;

    internal RecipeReport Execute(IImageDataset train, IImageDataset test, IImageDataset? unlabelled)
    {
        torch.set_num_threads(_threads);
        (_train, _test) = (Decode(train, "training pictures"), Decode(test, "test pictures"));
        using ImageCache? apart = unlabelled is null ? null : Decode(unlabelled, "unlabelled pictures");
        torch.manual_seed(options.Seed);
        using IContrastiveMethod method = CreateMethod();
        // Here already: features and a known backbone need it as well.
        method.State.to(_device);
        RecipeState state = RecipeState.Open(options.Folder, Identity(method, apart ?? _train, [train, test, unlabelled ?? train]));
        double random = state.Get("knn random", () => Knn(method.Backbone)).Accuracy;
        PretrainingResult pretraining = Pretrain(state, method, apart ?? _train);
        // A copy, whose weights lie in memory as new ones do, whether they were trained now or read from a file.
        using IBackbone backbone = method.Backbone.WithStages(plan.PretrainedStages);
        double pretrained = state.Get("knn pretrained", () => Knn(backbone)).Accuracy;
        logger.LogInformation("kNN on {Count} test pictures: {Random:f3} random, {Pretrained:f3} pretrained", _test.Count, random, pretrained);
        LabelBudgetResult[] budgets = [.. options.LabelFractions.Select(fraction => Budget(state, backbone, fraction))];
        int shared = NearDuplicates.Across(_train, _test, cancellation: cancellation).Select(p => p.Second).Distinct().Count();
        if (shared > 0) logger.LogWarning("{Count} of {All} test pictures look the same as a training picture", shared, _test.Count);
        return new RecipeReport(plan, pretraining, random, pretrained, shared, _test.Count, budgets) { Knn = KnnSettings };
    }

    public void Dispose()
    {
        _train?.Dispose();
        _test?.Dispose();
        _trainFeatures?.Dispose();
        _testFeatures?.Dispose();
    }

    private ImageCache Decode(IImageDataset images, string what)
    {
        var where = new ImageCacheOptions { Folder = plan.Pretraining.CacheFolder, Threads = _threads };
        ImageCache cache = ImageCache.Open(images, Math.Max(plan.Schedule.HighestResolution, (plan.Resolution * 8 / 7) + 1), where,
            progress is null ? null : new Decoding(this, what), cancellation);
        if (cache.RebuiltBecause is { } reason) logger.LogWarning("{Reason}", reason);
        foreach (SkippedImage skipped in cache.Skipped) logger.LogWarning("Skipped {Name}: {Reason}", skipped.Name, skipped.Reason);
        return cache;
    }

    private IContrastiveMethod CreateMethod()
    {
        using IBackbone whole = createBackbone();
        IBackbone truncated = whole.WithStages(plan.PretrainedStages);
        return createMethod is null ? new InstanceDiscrimination(truncated, plan.Method) : createMethod(truncated);
    }

    private Dictionary<string, string> Identity(IContrastiveMethod method, ImageCache images, IImageDataset[] sources)
    {
        // Epochs stand beside each figure, since they follow from the labels where they are left open. The optimizer stands apart: as a part of
        // the tuner's settings it is of a kind that nothing says.
        FineTunerOptions tuning = (options.FineTuning ?? new FineTunerOptions()) with { Epochs = 1, MeasureEveryEpochs = 1 };
        var identity = new Dictionary<string, string>
        {
            ["plan"] = string.Join("; ", plan.Settings.Select(s => $"{s.Name} {s.Value}")),
            ["pictures"] = FormattableString.Invariant($"{_train!.Count} to learn from, {_test!.Count} to test with, {images.Count} to pretrain on"),
            ["identity of files"] = string.Join(", ", sources.Select(s => s.Identity ?? "unknown")),
            ["hash of labels"] = $"{LabelsOf(_train)}, {LabelsOf(_test)}",
            ["seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["warm-up"] = FormattableString.Invariant($"{options.WarmUpEpochs} epochs"),
            ["fine-tuning"] = JsonSerializer.Serialize(tuning, RecipeIdentityJson.Default.FineTunerOptions),
            ["fine-tuning's optimizer"] = RunIdentity.Describe(tuning.Optimizer),
        };
        foreach ((string what, string value) in RunIdentity.Of(method, images, plan.Schedule, plan.Pretraining))
        {
            identity[$"pretraining's {what}"] = value;
        }

        return identity;

        // Pictures that changed their class, which a count does not tell.
        static string LabelsOf(ImageCache images)
        {
            using var hash = new ContentHash();
            foreach (string name in images.ClassNames) hash.Add(name);
            foreach (int label in images.Labels) hash.Add(label);
            return hash.ToString();
        }
    }

    private PretrainingResult Pretrain(RecipeState state, IContrastiveMethod method, ImageCache images)
    {
        if (state.Pretraining is { } known)
        {
            Load(method.Backbone);
            _done++;
            return known;
        }

        TrainerOptions settings = plan.Pretraining;
        if (options.Folder is { } folder)
        {
            settings = settings with { Checkpoints = new CheckpointOptions(Path.Combine(folder, "pretraining")) { Resume = true } };
        }

        TrainingResult result = new Trainer(settings).Run(method, images, plan.Schedule, progress is null ? null : new Steps(this), cancellation);
        foreach (StageResult stage in result.Stages)
        {
            logger.LogInformation("Pretrained at {Resolution} px in {Precision}: {Reason}", stage.Resolution, stage.Precision, stage.PrecisionReason);
        }

        var summary = new PretrainingResult(result.Steps, result.TrainSeconds / 60, result.ImagesPerSecond,
            result.Losses.TakeLast(Math.Max(result.Losses.Count / 10, 1)).Average(), [.. result.Warnings.Select(w => w.Message)]);
        if (WeightsFile is { } file) Safetensors.Save(file, method.Backbone.Network.state_dict());
        state.Pretraining = summary;
        _done++;
        return summary;
    }

    private void Load(IBackbone backbone)
    {
        Dictionary<string, torch.Tensor> weights = Safetensors.Load(WeightsFile!);
        backbone.Network.load_state_dict(weights);
        foreach (torch.Tensor tensor in weights.Values) tensor.Dispose();
    }

    private RecipeState.Figures Knn(IBackbone backbone) =>
        new(new KnnProbe(_train!, _test, Statistics, KnnSettings).Measure(backbone, plan.Resolution, cancellation), 0);

    private LabelBudgetResult Budget(RecipeState state, IBackbone backbone, double fraction)
    {
        var scratch = new List<RecipeState.Figures>();
        var pretrained = new List<RecipeState.Figures>();
        var probes = new List<RecipeState.Figures>();
        int labels = 0;
        for (int repetition = 0; repetition < options.Seeds; repetition++)
        {
            int seed = options.Seed + repetition;
            IReadOnlyList<int> rows = LabelFraction.Sample(_train!, fraction, seed);
            labels = rows.Count;
            string epochs = FormattableString.Invariant($", {plan.FineTuningFor(rows.Count).Epochs} epochs");
            probes.Add(Part("linear probe", "", _ => Probe(backbone, rows, seed)));
            pretrained.Add(Part("pretrained", epochs, part =>
            {
                using IBackbone grown = backbone.Grow();
                return Tune(grown, rows, seed, grown.StageCount > backbone.StageCount ? backbone.StageCount : null, part);
            }));
            if (options.ComparesWithScratch)
            {
                scratch.Add(Part("from scratch", epochs, part =>
                {
                    using IBackbone whole = createBackbone();
                    whole.Network.to(_device);
                    return Tune(whole, rows, seed, null, part);
                }));
            }

            RecipeState.Figures Part(string name, string length, Func<string, RecipeState.Figures> measure)
            {
                cancellation.ThrowIfCancellationRequested();
                string part = FormattableString.Invariant($"{name}, {rows.Count} labels, seed {seed}");
                progress?.Report(new RecipeProgress(part, _done, _parts));
                RecipeState.Figures figures = state.Get(part + length, () =>
                {
                    torch.manual_seed(seed);
                    return measure(part);
                });
                logger.LogInformation("{Part}: {Accuracy:f3}", part, figures.Accuracy);
                _done++;
                return figures;
            }
        }

        return new LabelBudgetResult(fraction, labels, scratch.Count > 0 ? Spread(scratch) : null,
            Spread(pretrained), Spread(probes), pretrained.Average(p => p.Seconds) / 60);

        static MeanAndDeviation Spread(List<RecipeState.Figures> figures) => MeanAndDeviation.Of([.. figures.Select(f => f.Accuracy)]);
    }

    /// <summary>Accuracy after the last epoch.</summary>
    /// <param name="backbone">What is trained.</param>
    /// <param name="rows">Numbers of the labelled pictures.</param>
    /// <param name="seed">Of their order and augmentation.</param>
    /// <param name="pretrainedStages">Stages that are frozen during the warm-up; null trains everything for as many epochs.</param>
    /// <param name="part">What this is called in reports.</param>
    private RecipeState.Figures Tune(IBackbone backbone, IReadOnlyList<int> rows, int seed, int? pretrainedStages, string part)
    {
        FineTunerOptions settings = plan.FineTuningFor(rows.Count) with { Seed = seed };
        settings = pretrainedStages is { } stages
            ? settings with { WarmUp = WarmUp(stages) }
            : settings with { WarmUp = null, Epochs = settings.Epochs + options.WarmUpEpochs };
        // The last epoch's accuracy is what is reported, so only it is measured.
        settings = settings with
        {
            MeasureEveryEpochs = settings.Epochs,
            Augmentation = settings.Augmentation with { Statistics = Statistics },
        };
        using FineTuneResult result = new FineTuner(settings).Run(backbone, _train!, _test!, plan.Resolution, rows,
            progress is null ? null : new Epochs(this, part), cancellation);
        return new RecipeState.Figures(result.LastAccuracy, result.Seconds);

        StageWarmUp WarmUp(int stages)
        {
            StageWarmUp asked = settings.WarmUp ?? new StageWarmUp(stages);
            return new StageWarmUp(stages) { Epochs = options.WarmUpEpochs, LearningRate = asked.LearningRate, Statistics = asked.Statistics };
        }
    }

    private RecipeState.Figures Probe(IBackbone backbone, IReadOnlyList<int> rows, int seed)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // The same for all shares of the labels and all repetitions.
        torch.Tensor known = _trainFeatures ??= Features(backbone, _train!), asked = _testFeatures ??= Features(backbone, _test!);
        torch.Tensor chosen = known.index_select(0, torch.tensor([.. rows.Select(r => (long)r)], device: known.device));
        using LinearProbe probe = LinearProbe.Train(chosen, [.. rows.Select(r => _train!.Labels[r])], _train!.ClassNames.Count,
            new LinearProbeOptions { Seed = seed }, cancellation);
        return new RecipeState.Figures(probe.Classifier.Accuracy(asked, _test!.Labels), 0);
    }

    private torch.Tensor Features(IBackbone backbone, ImageCache images) =>
        FeatureExtractor.Extract(backbone, images, plan.Resolution, Statistics, cancellation: cancellation).DetachFromDisposeScope();

    private sealed class Decoding(RecipeRun run, string what) : IProgress<ImageCacheProgress>
    {
        public void Report(ImageCacheProgress value) => run.Report(new($"decoding of {what}", run._done, run._parts, Decoding: value));
    }

    private sealed class Steps(RecipeRun run) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => run.Report(new("pretraining", run._done, run._parts, Training: value));
    }

    private sealed class Epochs(RecipeRun run, string part) : IProgress<FineTuneProgress>
    {
        public void Report(FineTuneProgress value) => run.Report(new(part, run._done, run._parts, Tuning: value));
    }

    private void Report(RecipeProgress value) => progress!.Report(value);
}
