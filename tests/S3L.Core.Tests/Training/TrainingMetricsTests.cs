using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Tests.Methods;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.Training;

/// <summary>Metrics against loops, through a method that puts out what the test gives it.</summary>
public sealed class TrainingMetricsTests
{
    private const double Tolerance = 1e-4;

    [Fact]
    public void Random_embeddings_are_measured_as_loops_do()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor embeddings = HashedNumbers.Tensor("e", 6, 5) * 3, positives = HashedNumbers.Tensor("p", 6, 5);
        TrainingMetrics metrics = Measure(embeddings, positives);
        double[][] e = Rows(embeddings), p = Rows(positives);
        double[] mean = [.. Enumerable.Range(0, 5).Select(f => e.Average(r => r[f]))];
        double spread = Enumerable.Range(0, 5).Average(f => Math.Sqrt(e.Average(r => Math.Pow(r[f] - mean[f], 2)))) * Math.Sqrt(5);
        double trace = 0, square = 0;
        for (int a = 0; a < 5; a++)
        {
            for (int b = 0; b < 5; b++)
            {
                double covariance = e.Average(r => (r[a] - mean[a]) * (r[b] - mean[b]));
                square += covariance * covariance;
                if (a == b) trace += covariance;
            }
        }

        Assert.Equal(spread, metrics.EmbeddingSpread, Tolerance);
        Assert.Equal(trace * trace / square, metrics.EffectiveRank, 10 * Tolerance);
        Assert.Equal(Enumerable.Range(0, 6).Average(i => Dot(e[i], p[i])), metrics.PositiveSimilarity, Tolerance);
        double negatives = Enumerable.Range(0, 6).Sum(i => Enumerable.Range(0, 6).Where(j => j != i).Sum(j => Dot(e[i], p[j]))) / 30;
        Assert.Equal(negatives, metrics.NegativeSimilarity, Tolerance);
    }

    [Fact]
    public void Equal_embeddings_have_no_spread_and_opposite_axes_have_all()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Assert.Equal(0, Measure(torch.ones([6, 5]), null).EmbeddingSpread, Tolerance);
        torch.Tensor axes = torch.cat([torch.eye(3), torch.eye(3).neg()], 0);
        TrainingMetrics metrics = Measure(axes, null);
        Assert.Equal(1, metrics.EmbeddingSpread, Tolerance);
        Assert.Equal(3, metrics.EffectiveRank, Tolerance);
    }

    [Fact]
    public void Embeddings_on_one_line_have_rank_one()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor line = torch.tensor([1f, 2f, 0f]).unsqueeze(0);
        torch.Tensor signs = torch.tensor([1f, -1f, 1f, 1f, -1f, -1f]).unsqueeze(1);
        Assert.Equal(1, Measure(signs * line, null).EffectiveRank, Tolerance);
    }

    [Fact]
    public void Without_positives_there_are_no_similarities()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        TrainingMetrics metrics = Measure(HashedNumbers.Tensor("e", 6, 5), null);
        Assert.True(double.IsNaN(metrics.PositiveSimilarity) && double.IsNaN(metrics.NegativeSimilarity));
    }

    [Fact]
    public void Norms_are_those_of_all_trained_parameters()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        TrainingMetrics metrics = Measure(HashedNumbers.Tensor("e", 6, 5), null);
        // Two weights of 3 and 4; the loss is their sum, so each gradient is 1.
        Assert.Equal(5, metrics.WeightNorm, Tolerance);
        Assert.Equal(Math.Sqrt(2), metrics.GradientNorm, Tolerance);
    }

    private static TrainingMetrics Measure(torch.Tensor embeddings, torch.Tensor? positives)
    {
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = 6, Size = 16 });
        using var method = new Fixed(embeddings, positives);
        TrainingMetrics? seen = null;
        new Trainer(new TrainerOptions
        {
            BatchSize = 6,
            Device = "cpu",
            Precision = Precision.Float32,
            Optimizer = new SgdSettings { WeightDecay = 0 },
            Guarding = new GuardOptions { Action = GuardAction.Off },
        }).Run(method, pictures, ResolutionSchedule.Constant(8, 1), new Each(p => seen = p.Metrics));
        return seen!;
    }

    private static double[][] Rows(torch.Tensor tensor)
    {
        double[] all = tensor.Doubles();
        int width = (int)tensor.size(1);
        return [.. all.Chunk(width).Select(r => r.Select(x => x / Math.Sqrt(r.Sum(y => y * y))).ToArray())];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private sealed class Each(Action<TrainingProgress> act) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => act(value);
    }

    /// <summary>Puts out what it was given; its loss is the sum of two weights, 3 and 4.</summary>
    private sealed class Fixed(torch.Tensor embeddings, torch.Tensor? positives) : IContrastiveMethod
    {
        private readonly TwoWeights _state = new();

        public string Name => "fixed";

        public int ViewCount => 1;

        public IBackbone Backbone { get; } = KnownMethods.Backbone();

        public torch.nn.Module State => _state;

        public void Begin(TrainingRun run)
        {
        }

        public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices) =>
            new(_state.First.sum() + _state.Second.sum(), embeddings.detach(), positives?.detach());

        public void AfterStep(TrainingPosition position)
        {
        }

        public void Dispose()
        {
            _state.Dispose();
            Backbone.Dispose();
        }
    }

    private sealed class TwoWeights : torch.nn.Module
    {
        public TwoWeights() : base(nameof(TwoWeights))
        {
            First = new Parameter(torch.full([1], 3.0));
            Second = new Parameter(torch.full([1, 1], 4.0));
            register_parameter("first", First);
            register_parameter("second", Second);
        }

        public Parameter First { get; }

        public Parameter Second { get; }
    }
}
