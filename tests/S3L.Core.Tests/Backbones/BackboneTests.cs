using S3L.Core.Backbones;
using S3L.Testing;
using static S3L.Core.Tests.Backbones.KnownBackbones;

namespace S3L.Core.Tests.Backbones;

/// <summary>What every backbone promises.</summary>
public sealed class BackboneTests
{
    public static TheoryData<string> All => Names;

    [Theory, MemberData(nameof(All))]
    public void Stem_and_stages_hold_every_parameter_once(string name)
    {
        using IBackbone backbone = Create(name);
        Assert.Equal(backbone.FullStageCount, backbone.StageCount);
        Assert.Equal(backbone.StageCount + 1, backbone.Stages.Count);
        Assert.Equal("stem", backbone.Stages[0].Name);
        Assert.Equal(backbone.Stages.Count, backbone.Stages.Select(s => s.Name).Distinct().Count());
        Parameter[] staged = [.. backbone.Stages.SelectMany(s => s.Modules).SelectMany(m => m.parameters())];
        Parameter[] all = [.. backbone.Network.parameters()];
        Assert.Equal(all.Length, staged.Length);
        Assert.Equal(all.ToHashSet<object>(ReferenceEqualityComparer.Instance), staged.ToHashSet<object>(ReferenceEqualityComparer.Instance));
    }

    [Theory, MemberData(nameof(All))]
    public void Features_have_the_promised_length_at_every_resolution_from_the_least_on(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IBackbone whole = Create(name);
        for (int count = 1; count <= whole.FullStageCount; count++)
        {
            using IBackbone backbone = whole.WithStages(count);
            int least = backbone.MinimumResolution;
            foreach ((int height, int width) in new[] { (least, least), (least + 1, least), (least + 13, least + 5) })
            {
                torch.Tensor features = backbone.Forward(HashedNumbers.Tensor("images", 2, 3, height, width));
                Assert.Equal([2, backbone.FeatureDimension], features.shape);
                Assert.True(features.isfinite().all().ToBoolean());
            }

            Assert.Throws<ArgumentException>(() => backbone.Forward(torch.zeros([2, 3, least, least - 1])));
            Assert.Throws<ArgumentException>(() => backbone.Forward(torch.zeros([2, 3, least - 1, least])));
            Assert.Throws<ArgumentException>(() => backbone.Forward(torch.zeros([2, 1, least, least])));
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Leaving_out_last_stages_leaves_the_first_ones_as_they_are(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IBackbone whole = Create(name);
        MoveStatistics(whole);
        Dictionary<string, double[]> before = Elements(whole);
        for (int count = 1; count <= whole.FullStageCount; count++)
        {
            using IBackbone part = whole.WithStages(count);
            Assert.Equal((whole.Name, count, whole.FullStageCount), (part.Name, part.StageCount, part.FullStageCount));
            Assert.Equal(whole.Stages.Take(count + 1).Select(s => s.Name), part.Stages.Select(s => s.Name));
            HashSet<string> kept = [.. whole.Stages.Take(count + 1).SelectMany(s => s.Modules).SelectMany(NamesIn(whole))];
            Dictionary<string, double[]> elements = Elements(part);
            Assert.Equal(before.Keys.Where(kept.Contains), elements.Keys);
            Assert.All(elements, e => Assert.Equal(before[e.Key], e.Value));
        }

        Assert.Equal(before, Elements(whole));
    }

    [Theory, MemberData(nameof(All))]
    public void Growing_back_keeps_the_weights_and_draws_the_others(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IBackbone whole = Create(name);
        using IBackbone part = whole.WithStages(Math.Max(1, whole.FullStageCount - 1));
        HashedNumbers.Fill(part.Network);
        MoveStatistics(part);
        Dictionary<string, double[]> kept = Elements(part);

        using IBackbone grown = part.Grow();
        Dictionary<string, double[]> elements = Elements(grown);
        Assert.Equal(Described(whole.Network), Described(grown.Network));
        Assert.Equal(whole.FeatureDimension, grown.FeatureDimension);
        foreach ((string entry, double[] values) in elements)
        {
            if (kept.TryGetValue(entry, out double[]? expected)) Assert.Equal(expected, values);
            else AssertFresh(entry, values, grown.Network.state_dict()[entry].shape);
        }

        Assert.Equal(kept, Elements(part));
        Assert.All(grown.Network.parameters(), p => Assert.True(p.requires_grad));
        Assert.True(grown.Network.training);
    }

    [Theory, MemberData(nameof(All))]
    public void Stages_that_do_not_exist_are_refused(string name)
    {
        using IBackbone backbone = Create(name);
        foreach (int count in new[] { -1, 0, backbone.FullStageCount + 1 })
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => backbone.WithStages(count));
            Assert.Equal("count", error.ParamName);
            if (name == "one stage") continue;
            Assert.Equal($"count must be in [1, {backbone.FullStageCount}]. (Parameter 'count')\nActual value was {count}.",
                error.Message.ReplaceLineEndings("\n"));
        }
    }

    [Theory, MemberData(nameof(All))]
    public void A_twin_is_equal_and_independent(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IBackbone backbone = Create(name);
        MoveStatistics(backbone);
        using IBackbone twin = backbone.CreateTwin();
        Dictionary<string, double[]> before = Elements(twin);
        Assert.Equal(Elements(backbone), before);
        Assert.Equal(Described(backbone.Network), Described(twin.Network));
        backbone.Network.eval();
        twin.Network.eval();
        torch.Tensor images = Images(backbone);
        Assert.Equal(backbone.Forward(images).Doubles(), twin.Forward(images).Doubles());

        backbone.Network.train();
        MoveStatistics(backbone);
        using (torch.no_grad())
        {
            foreach (torch.Tensor tensor in backbone.Network.parameters()) tensor.fill_(0.5);
        }

        Assert.Equal(before, Elements(twin));
    }

    [Theory, MemberData(nameof(All))]
    public void Gradients_reach_every_parameter(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.manual_seed(1).Dispose();
        using IBackbone backbone = Create(name);
        torch.Tensor features = backbone.Forward(HashedNumbers.Tensor("images", 4, 3, 64, 64));
        features.mul(HashedNumbers.Tensor("upstream", 4, backbone.FeatureDimension)).sum().backward();
        foreach ((string parameter, Parameter tensor) in backbone.Network.named_parameters())
        {
            double[] gradient = Assert.IsType<torch.Tensor>(tensor.grad).Doubles();
            Assert.All(gradient, g => Assert.True(double.IsFinite(g), parameter));
            Assert.True(gradient.Any(g => g != 0), parameter);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void A_forward_leaves_nothing_but_the_features(string name)
    {
        using IBackbone backbone = Create(name);
        using torch.Tensor images = Images(backbone);
        foreach (bool training in new[] { true, false })
        {
            backbone.Network.train(training);
            long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            using torch.Tensor features = backbone.Forward(images);
            Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Convolutions_start_with_the_variance_of_fan_out_and_normalisations_as_identities(string name)
    {
        if (name == "one stage") return;
        using DisposeScope scope = torch.NewDisposeScope();
        torch.manual_seed(1).Dispose();
        using IBackbone backbone = Create(name);
        foreach ((string entry, torch.Tensor tensor) in backbone.Network.state_dict()) AssertFresh(entry, tensor.Doubles(), tensor.shape);
    }

    /// <summary>As torchvision starts it: N(0, 2 / fan-out) for kernels, 1 for scales and variances, 0 for the others.</summary>
    private static void AssertFresh(string name, double[] values, long[] shape)
    {
        if (shape.Length != 4)
        {
            bool scale = name.EndsWith("weight", StringComparison.Ordinal) || name.EndsWith("running_var", StringComparison.Ordinal);
            Assert.All(values, v => Assert.Equal(scale ? 1 : 0, v));
            return;
        }

        double expected = Math.Sqrt(2.0 / (shape[0] * shape[2] * shape[3]));
        // A deviation from n draws is uncertain by 1/√(2n), a mean by 1/√n; five times that never occurs.
        double bound = 5 / Math.Sqrt(values.Length);
        double mean = values.Average();
        Assert.InRange(mean / expected, -bound, bound);
        Assert.InRange(Math.Sqrt(values.Average(v => (v - mean) * (v - mean))) / expected, 1 - bound, 1 + bound);
    }

    private static Func<torch.nn.Module, IEnumerable<string>> NamesIn(IBackbone whole)
    {
        Dictionary<torch.nn.Module, string> paths = whole.Network.named_modules().ToDictionary(m => m.module, m => m.name);
        return module => module.state_dict().Keys.Select(key => $"{paths[module]}.{key}");
    }

    private static void MoveStatistics(IBackbone backbone)
    {
        using IDisposable quiet = torch.no_grad();
        using torch.Tensor images = Images(backbone);
        backbone.Forward(images).Dispose();
    }

    private static torch.Tensor Images(IBackbone backbone)
    {
        int side = Math.Max(16, backbone.MinimumResolution);
        return HashedNumbers.Tensor("images", 2, 3, side, side);
    }
}
