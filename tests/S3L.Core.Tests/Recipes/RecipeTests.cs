using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Methods;
using S3L.Core.Optimizers;
using S3L.Core.Recipes;
using S3L.Core.Schedules;
using S3L.Core.Tests.Data;
using S3L.Core.Training;
using S3L.Core.Weights;

namespace S3L.Core.Tests.Recipes;

public sealed class RecipeTests
{
    private static readonly SyntheticImages Train = Pictures(60, 0), Test = Pictures(30, 1);

    private static readonly RecipeOptions Small = new()
    {
        Schedule = ResolutionSchedule.Parse("16x2"),
        Pretraining = TrainerOptions.InstanceDiscrimination with
        {
            BatchSize = 20,
            Precision = Precision.Float32,
            Threads = 1,
            Device = "cpu",
            ReportEverySteps = 1,
            // Networks of two channels look collapsed now and then, and no checkpoint is written of a run that does.
            Guarding = new GuardOptions { Action = GuardAction.Off },
        },
        FineTuning = new FineTunerOptions { Epochs = 2, Precision = Precision.Float32 },
        LabelFractions = [0.2, 1],
        Seeds = 2,
        WarmUpEpochs = 1,
    };

    [Fact]
    public void Pretrains_grows_tunes_and_measures()
    {
        var said = new List<RecipeProgress>();
        RecipeReport report = new Recipe(Small, Whole).Run(Train, Test, progress: new Each(said.Add));
        // A warm-up of one epoch and two more, for two shares of labels, twice each, from pretrained weights and from random ones.
        Assert.Equal(3 * 2 * 2 * 2, said.Count(p => p.Tuning is not null));
        Assert.All(said.Where(p => p.Tuning is not null), p => Assert.Matches("^(pretrained|from scratch), [0-9]+ labels, seed [01]$", p.Part));
        Assert.Equal(6, report.Pretraining.Steps);
        Assert.Equal((30, 2), (report.TestPictures, report.Budgets.Count));
        Assert.Equal(new KnnOptions { Neighbors = 20, Temperature = 0.1 }, report.Knn);
        Assert.Equal([0.2, 1], report.Budgets.Select(b => b.Fraction));
        // A fifth of each class, by size, and all.
        int[] sizes = [.. Enumerable.Range(0, 10).Select(c => Enumerable.Range(0, Train.Count).Count(i => Train.GetLabel(i) == c)).Where(s => s > 0)];
        Assert.Equal([sizes.Sum(s => Math.Max((int)Math.Round(s * 0.2), 1)), 60], report.Budgets.Select(b => b.Labels));
        Assert.All(report.Budgets, b => Assert.Equal((2, 2, 2), (b.FromScratch!.Value.Count, b.Pretrained.Count, b.Probe.Count)));
        Assert.All(report.Budgets, b => Assert.True(b.Minutes > 0 && b.Pretrained.Mean is > 0 and <= 1));
    }

    [Fact]
    public void An_ended_run_goes_on_to_the_same_report()
    {
        using var folder = new TemporaryFolder();
        string expected = Figures(new Recipe(Small, Whole).Run(Train, Test));
        RecipeOptions kept = Small with
        {
            Folder = folder.At("run"),
            Pretraining = Small.Pretraining! with { CacheFolder = folder.At("pictures") },
        };
        // During pretraining, at its end, and between parts after it.
        foreach (int reports in new[] { 2, 4, 5, 6, 9 })
        {
            using var cancel = new CancellationTokenSource();
            int seen = 0;
            Assert.Throws<OperationCanceledException>(() => new Recipe(kept, Whole).Run(Train, Test, progress: new Each(p =>
            {
                if (p.Decoding is null && ++seen == reports) cancel.Cancel();
            }), cancellation: cancel.Token));
        }

        Assert.Equal(expected, Figures(new Recipe(kept, Whole).Run(Train, Test)));
        Assert.Equal(2, Directory.GetFiles(folder.At("pictures"), "*.s3lgrids").Length);
        // A finished run is read, not made again.
        var parts = new List<RecipeProgress>();
        Assert.Equal(expected, Figures(new Recipe(kept, Whole).Run(Train, Test, progress: new Each(parts.Add))));
        Assert.DoesNotContain(parts, p => p.Training is not null);
        Dictionary<string, torch.Tensor> weights = Safetensors.Load(folder.At("run/backbone.safetensors"));
        Assert.Contains("layer3.0.conv1.weight", weights.Keys);
        Assert.DoesNotContain(weights.Keys, k => k.StartsWith("layer4", StringComparison.Ordinal));
        foreach (torch.Tensor weight in weights.Values) weight.Dispose();
    }

    [Fact]
    public void Other_labels_and_epochs_go_on_from_the_same_pretraining()
    {
        using var folder = new TemporaryFolder();
        RecipeOptions kept = Small with { Folder = folder.Path, LabelFractions = [1], Seeds = 1 };
        RecipeReport first = new Recipe(kept, Whole).Run(Train, Test);
        var parts = new List<RecipeProgress>();
        RecipeOptions longer = kept with { LabelFractions = [0.5, 1], FineTuning = Small.FineTuning! with { Epochs = 3 } };
        RecipeReport second = new Recipe(longer, Whole).Run(Train, Test, progress: new Each(parts.Add));
        Assert.Equal(first.Pretraining.Minutes, second.Pretraining.Minutes);
        Assert.DoesNotContain(parts, p => p.Training is not null);
        Assert.Equal([0.5, 1], second.Budgets.Select(b => b.Fraction));
        // Another number of epochs is another figure; that of the first run is still there.
        Assert.NotEqual(first.Budgets[0].Minutes, second.Budgets[1].Minutes);
        Assert.Equal(first.Budgets[0].Minutes, new Recipe(kept, Whole).Run(Train, Test).Budgets[0].Minutes);
    }

    [Fact]
    public void Epochs_of_ones_own_go_on_from_a_run_with_the_papers_fine_tuning()
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        RecipeOptions open = Small with { Folder = folder.Path, LabelFractions = [1], Seeds = 1, FineTuning = null };
        Assert.Throws<OperationCanceledException>(() => new Recipe(open, Whole).Run(Train, Test, progress: new Each(p =>
        {
            if (p.Part.StartsWith("linear probe", StringComparison.Ordinal)) cancel.Cancel();
        }), cancellation: cancel.Token));
        var parts = new List<RecipeProgress>();
        new Recipe(open with { FineTuning = new FineTunerOptions { Epochs = 1 } }, Whole).Run(Train, Test, progress: new Each(parts.Add));
        Assert.DoesNotContain(parts, p => p.Training is not null);
    }

    [Fact]
    public void Other_fine_tuning_is_another_recipe()
    {
        using var folder = new TemporaryFolder();
        RecipeOptions kept = Small with { Folder = folder.Path, LabelFractions = [1], Seeds = 1 };
        new Recipe(kept, Whole).Run(Train, Test);
        RecipeOptions other = kept with { FineTuning = Small.FineTuning! with { LearningRate = 0.5 } };
        string message = Assert.Throws<ArgumentException>(() => new Recipe(other, Whole).Run(Train, Test)).Message;
        Assert.Contains("is of another recipe: its fine-tuning is {", message, StringComparison.Ordinal);
        Assert.Contains("\"LearningRate\":0.5,", message, StringComparison.Ordinal);
        var adam = new AdamWSettings { WeightDecay = Small.FineTuning!.Optimizer.WeightDecay };
        other = kept with { FineTuning = Small.FineTuning with { Optimizer = adam } };
        Assert.Contains("its fine-tuning's optimizer is SgdSettings {",
            Assert.Throws<ArgumentException>(() => new Recipe(other, Whole).Run(Train, Test)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unlabelled_pictures_are_pretrained_on()
    {
        RecipeReport report = new Recipe(Small with { LabelFractions = [1] }, Whole).Run(Train, Test, Pictures(100, 2));
        Assert.Equal(10, report.Pretraining.Steps);
        Assert.Equal(60, report.Budgets[0].Labels);
    }

    [Fact]
    public void Test_pictures_among_the_training_pictures_are_counted()
    {
        RecipeReport report = new Recipe(Small with { LabelFractions = [1], Seeds = 1 }, Whole).Run(Train, new ImageSubset(Train, [3, 7, 9, 20]));
        Assert.Equal((4, 4), (report.NearDuplicates, report.TestPictures));
    }

    [Fact]
    public void A_method_of_ones_own_is_used()
    {
        var made = new List<IBackbone>();
        RecipeOptions options = Small with { LabelFractions = [1], Seeds = 1, ComparesWithScratch = false };
        RecipeReport report = new Recipe(options, Whole, backbone =>
        {
            made.Add(backbone);
            return new SimClr(backbone);
        }).Run(Train, Test);
        Assert.Equal(3, Assert.Single(made).StageCount);
        Assert.Null(report.Budgets[0].FromScratch);
    }

    [Fact]
    public void The_folder_of_another_recipe_is_refused()
    {
        using var folder = new TemporaryFolder();
        RecipeOptions kept = Small with { Folder = folder.Path, LabelFractions = [1], Seeds = 1 };
        new Recipe(kept, Whole).Run(Train, Test);
        Assert.Equal($"'{folder.At("recipe.json")}' is of another recipe: its seed is 0, but this one's is 1. Give this recipe a folder of its " +
            "own, or the settings of that one.",
            Assert.Throws<ArgumentException>(() => new Recipe(kept with { Seed = 1 }, Whole).Run(Train, Test)).Message);
        folder.Write("recipe.json", "{"u8.ToArray());
        Assert.StartsWith($"'{folder.At("recipe.json")}' is damaged: ",
            Assert.Throws<InvalidDataException>(() => new Recipe(kept, Whole).Run(Train, Test)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_pictures_labels_and_pretraining_are_another_recipe()
    {
        using var folder = new TemporaryFolder();
        RecipeOptions kept = Small with { Folder = folder.Path, LabelFractions = [1], Seeds = 1, ComparesWithScratch = false };
        new Recipe(kept, Whole).Run(Train, Test);
        Refuses(kept, Pictures(60, 5), Test, "identity of files");
        Refuses(kept, Train, Pictures(30, 5), "identity of files");
        // As many of each class as before, and the same pictures.
        Refuses(kept, new Exchanged(Train), Test, "hash of labels");
        Refuses(kept, Train, new Exchanged(Test), "hash of labels");
        double rate = Small.Pretraining!.LearningRate;
        Refuses(kept with { Pretraining = Small.Pretraining with { LearningRate = 2 * rate } }, Train, Test,
            FormattableString.Invariant($"pretraining's learning rate is {rate}, but this one's is {2 * rate}"));
        Refuses(kept with { Pretraining = Small.Pretraining with { Seed = 7 } }, Train, Test, "pretraining's seed is 0, but this one's is 7");

        static void Refuses(RecipeOptions options, IImageDataset train, IImageDataset test, string what) =>
            Assert.StartsWith($"'{Path.Combine(options.Folder!, "recipe.json")}' is of another recipe: its {what}",
                Assert.Throws<ArgumentException>(() => new Recipe(options, Whole).Run(train, test)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_warm_up_rate_and_statistics_hold_for_what_was_pretrained()
    {
        RecipeOptions one = Small with { LabelFractions = [1], Seeds = 1, WarmUpEpochs = 2 };
        Dictionary<string, double[]> plain = Losses(null), same = Losses(new StageWarmUp(0) { Epochs = 7 });
        Dictionary<string, double[]> slow = Losses(new StageWarmUp(0) { LearningRate = 1e-6 });
        Dictionary<string, double[]> moving = Losses(new StageWarmUp(0) { Statistics = FrozenStatistics.Moving });
        const string Pretrained = "pretrained, 60 labels, seed 0", Scratch = "from scratch, 60 labels, seed 0";
        // Its length and the stages it freezes are the recipe's.
        Assert.Equal((4, 4), (plain[Pretrained].Length, plain[Scratch].Length));
        Assert.Equal(plain[Pretrained], same[Pretrained]);
        Assert.NotEqual(plain[Pretrained], slow[Pretrained]);
        Assert.NotEqual(plain[Pretrained], moving[Pretrained]);
        Assert.All([same, slow, moving], other => Assert.Equal(plain[Scratch], other[Scratch]));

        Dictionary<string, double[]> Losses(StageWarmUp? warmUp)
        {
            var said = new List<RecipeProgress>();
            new Recipe(one with { FineTuning = Small.FineTuning! with { WarmUp = warmUp } }, Whole).Run(Train, Test, progress: new Each(said.Add));
            return said.Where(p => p.Tuning is not null).GroupBy(p => p.Part).ToDictionary(p => p.Key, p => p.Select(r => r.Tuning!.Loss).ToArray());
        }
    }

    [Fact]
    public void Refuses_what_it_cannot_measure()
    {
        Assert.Equal("options.Pretraining must be given with createMethod: each method learns with settings of its own. (Parameter 'options')",
            Assert.Throws<ArgumentException>(() => new Recipe(createMethod: b => new SimClr(b))).Message);
        var unlabelled = new InMemoryImages([Train.Load(0), Train.Load(1)]);
        Assert.Equal("train must have at least 2 classes, but has 0. (Parameter 'train')",
            Assert.Throws<ArgumentException>(() => new Recipe(Small, Whole).Run(unlabelled, Test)).Message);
        Assert.Equal("train", Assert.Throws<ArgumentNullException>(() => new Recipe().Run(null!, Test)).ParamName);
        Assert.Equal("images", Assert.Throws<ArgumentNullException>(() => new Recipe().Plan(null!)).ParamName);
    }

    private static SyntheticImages Pictures(int count, int seed) => new(new SyntheticImagesOptions { Count = count, Size = 24, Seed = seed });

    private static ResNet Whole() => new(new ResNetOptions { Name = "tiny", Width = 2, Depths = [1, 1, 1, 1], Stem = ResNetStem.SmallImage });

    /// <summary>All but the times.</summary>
    private static string Figures(RecipeReport report) => string.Join("\n", report.Budgets.Select(b => $"{b with { Minutes = 0 }}")
        .Append($"{report.KnnRandom} {report.KnnPretrained} {report.Pretraining.Steps} {report.Pretraining.LastLoss}"));

    private sealed class Each(Action<RecipeProgress> act) : IProgress<RecipeProgress>
    {
        public void Report(RecipeProgress value) => act(value);
    }

    /// <summary>The same pictures, of which the first and the next of another class have each other's labels.</summary>
    private sealed class Exchanged(IImageDataset inner) : IImageDataset
    {
        private readonly int _other = Enumerable.Range(0, inner.Count).First(i => inner.GetLabel(i) != inner.GetLabel(0));

        public int Count => inner.Count;

        public IReadOnlyList<string> ClassNames => inner.ClassNames;

        public string? Identity => inner.Identity;

        public int GetLabel(int index) => inner.GetLabel(index == 0 ? _other : index == _other ? 0 : index);

        public string GetName(int index) => inner.GetName(index);

        public RgbImage Load(int index, int minimumSide = 0) => inner.Load(index, minimumSide);
    }
}
