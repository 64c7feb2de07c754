using CustomMethod;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Losses;
using S3L.Core.Schedules;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.Samples;

/// <summary>A method and a network from outside the library, which see its public members only.</summary>
public sealed class CustomMethodTests
{
    private static readonly SyntheticImages Pictures = new(new SyntheticImagesOptions { Count = 48, Size = 16 });

    private static readonly TrainerOptions Plain = new()
    {
        BatchSize = 16,
        LearningRate = 0.05,
        Precision = Precision.Float32,
        Threads = 1,
        Device = "cpu",
        Augmentations = [AugmentationOptions.Cifar],
    };

    [Fact]
    public void A_method_and_a_network_of_ones_own_train()
    {
        torch.manual_seed(1).Dispose();
        using var method = new DecoupledContrast(new PlainNetwork());
        TrainingResult result = new Trainer(Plain).Run(method, Pictures, ResolutionSchedule.Parse("8x4,16x4"));
        Assert.Equal(24, result.Steps);
        Assert.True(result.Losses.TakeLast(3).Average() < result.Losses.Take(3).Average());
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void They_are_saved_and_resumed_like_those_of_the_library()
    {
        string folder = Directory.CreateTempSubdirectory("s3l-custom-").FullName;
        try
        {
            float[] whole = Run(null, null);
            Assert.Throws<OperationCanceledException>(() => Run(folder, 7));
            Assert.Equal(whole, Run(folder, null));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void There_is_one_logarithm_over_all_negatives_of_both_views()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor first = UnitRows.Of(HashedNumbers.Tensor("first", 4, 5)), second = UnitRows.Of(HashedNumbers.Tensor("second", 4, 5));
        double[][] rows = [.. first.Doubles().Chunk(5), .. second.Doubles().Chunk(5)];
        double expected = 0;
        for (int i = 0; i < 8; i++)
        {
            double negatives = Enumerable.Range(0, 8).Where(j => j % 4 != i % 4).Sum(j => Math.Exp(Dot(rows[i], rows[j]) / 0.1));
            expected += (Math.Log(negatives) - (Dot(rows[i], rows[(i + 4) % 8]) / 0.1)) / 8;
        }

        Assert.Equal(expected, DecoupledContrast.Loss(first, second).ToDouble(), 1e-4);
    }

    private static float[] Run(string? folder, int? endAt)
    {
        torch.manual_seed(1).Dispose();
        using var method = new DecoupledContrast(new PlainNetwork());
        using var cancel = new CancellationTokenSource();
        CheckpointOptions? checkpoints = folder is null ? null : new CheckpointOptions(folder) { EverySteps = 3, Resume = true };
        var progress = new Each(p =>
        {
            if (p.Position.RunStep == endAt) cancel.Cancel();
        });
        return [.. new Trainer(Plain with { Checkpoints = checkpoints, ReportEverySteps = 1 })
            .Run(method, Pictures, ResolutionSchedule.Parse("16x4"), progress, cancel.Token).Losses];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private sealed class Each(Action<TrainingProgress> act) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => act(value);
    }
}
