using S3L.Core.Backbones;
using S3L.Testing;
using static S3L.Core.Tests.Backbones.KnownBackbones;

namespace S3L.Core.Tests.Backbones;

public sealed class FrozenPrefixTests
{
    public static TheoryData<string> All => Names;

    [Theory, MemberData(nameof(All))]
    public void Frozen_stages_keep_weights_and_statistics_while_the_others_are_trained(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IBackbone backbone = Create(name);
        int stages = backbone.StageCount - 1;
        FrozenPrefix prefix = backbone.Freeze(stages);
        Assert.Equal((stages, FrozenStatistics.Frozen), (prefix.Stages, prefix.Statistics));

        Dictionary<string, double[]> before = Elements(backbone);
        Train(backbone, prefix);

        HashSet<string> frozen = [.. Entries(backbone, 0, stages)];
        Dictionary<string, double[]> after = Elements(backbone);
        Assert.All(before, e => Assert.Equal(frozen.Contains(e.Key), e.Value.AsSpan().SequenceEqual(after[e.Key])));
        Assert.NotEqual(0, before.Count - frozen.Count);
    }

    [Theory, MemberData(nameof(All))]
    public void Moving_statistics_move_and_nothing_else_does(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IBackbone backbone = Create(name);
        FrozenPrefix prefix = backbone.Freeze(backbone.StageCount, FrozenStatistics.Moving);
        Assert.Empty(prefix.EvaluationModules);

        Dictionary<string, double[]> before = Elements(backbone);
        Train(backbone, prefix);

        HashSet<string> buffers = [.. backbone.Network.named_buffers().Select(b => b.name)];
        Dictionary<string, double[]> after = Elements(backbone);
        Assert.NotEmpty(buffers);
        Assert.All(before, e => Assert.NotEqual(buffers.Contains(e.Key), e.Value.AsSpan().SequenceEqual(after[e.Key])));
    }

    [Fact]
    public void Frozen_stages_compute_as_in_evaluation_only_after_Apply()
    {
        using IBackbone backbone = Create("narrow resnet18");
        FrozenPrefix prefix = backbone.Freeze(1);
        Assert.Equal(backbone.Stages.Take(2).SelectMany(s => s.Modules), prefix.EvaluationModules);
        Assert.All(prefix.EvaluationModules, m => Assert.False(m.training));
        backbone.Network.train();
        Assert.All(prefix.EvaluationModules, m => Assert.True(m.training));
        prefix.Apply();
        Assert.All(prefix.EvaluationModules, m => Assert.False(m.training));
        Assert.True(backbone.Network.training);
        Assert.All(backbone.Stages.Skip(2).SelectMany(s => s.Modules), m => Assert.True(m.training));
    }

    [Fact]
    public void Nothing_but_the_stem_can_be_frozen()
    {
        using IBackbone backbone = Create("mobilenetv3-small");
        backbone.Freeze(0);
        Assert.Equal(
            backbone.Network.named_parameters().Where(p => p.name.StartsWith("features.0.", StringComparison.Ordinal)).Select(p => p.name),
            backbone.Network.named_parameters().Where(p => !p.parameter.requires_grad).Select(p => p.name));
    }

    [Fact]
    public void Old_gradients_of_frozen_stages_are_dropped_and_the_others_kept()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IBackbone backbone = Create("narrow resnet18");
        backbone.Forward(HashedNumbers.Tensor("images", 2, 3, 32, 32)).square().sum().backward();
        backbone.Freeze(2);
        Assert.All(backbone.Network.named_parameters(), p => Assert.Equal(p.parameter.requires_grad, p.parameter.grad is not null));
    }

    [Fact]
    public void Unfreezing_trains_again_what_was_trained_before()
    {
        using IBackbone backbone = Create("narrow resnet18");
        Parameter already = backbone.Network.parameters().First();
        already.requires_grad = false;
        FrozenPrefix prefix = backbone.Freeze(backbone.StageCount);
        Assert.All(backbone.Network.parameters(), p => Assert.False(p.requires_grad));

        prefix.Unfreeze();
        Assert.Same(already, Assert.Single(backbone.Network.parameters(), p => !p.requires_grad));
        Assert.True(AllTrain(backbone));
        Assert.Empty(prefix.EvaluationModules);

        // Its time is over: neither brings anything back.
        prefix.Apply();
        Assert.True(AllTrain(backbone));
        backbone.Network.eval();
        prefix.Unfreeze();
        Assert.DoesNotContain(backbone.Network.named_modules(), m => m.module.training);
    }

    [Fact]
    public void Stages_that_are_not_built_are_refused()
    {
        using IBackbone whole = Create("narrow resnet18");
        using IBackbone backbone = whole.WithStages(3);
        Refuses(() => backbone.Freeze(4), "stages must be in [0, 3]. (Parameter 'stages')\nActual value was 4.");
        Refuses(() => backbone.Freeze(-1), "stages must be in [0, 3]. (Parameter 'stages')\nActual value was -1.");
        Refuses(() => backbone.Freeze(1, (FrozenStatistics)5),
            "statistics must be one of Frozen, Moving. (Parameter 'statistics')\nActual value was 5.");
        Assert.Throws<ArgumentNullException>(() => ((IBackbone)null!).Freeze(1));
        Assert.Throws<ArgumentNullException>(() => ((IBackbone)null!).Grow());
        Assert.All(backbone.Network.parameters(), p => Assert.True(p.requires_grad));
    }

    private static void Refuses(Func<object> act, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(act).Message.ReplaceLineEndings("\n"));

    private static bool AllTrain(IBackbone backbone) => backbone.Network.named_modules().All(m => m.module.training);

    /// <summary>Two steps as a fine-tuner makes them.</summary>
    private static void Train(IBackbone backbone, FrozenPrefix prefix)
    {
        Parameter[] trained = [.. backbone.Network.parameters().Where(p => p.requires_grad)];
        backbone.Network.train();
        prefix.Apply();
        for (int step = 0; step < 2; step++)
        {
            using torch.Tensor features = backbone.Forward(HashedNumbers.Tensor($"images{step}", 4, 3, 64, 64));
            if (trained.Length == 0) continue;
            features.mul(HashedNumbers.Tensor("upstream", 4, backbone.FeatureDimension)).sum().backward();
            using IDisposable quiet = torch.no_grad();
            foreach (Parameter parameter in trained) parameter.sub_(parameter.grad!.mul(0.01));
        }
    }

    /// <summary>Entries of the state dict that belong to some of the stages.</summary>
    private static IEnumerable<string> Entries(IBackbone backbone, int first, int last)
    {
        Dictionary<torch.nn.Module, string> paths = backbone.Network.named_modules().ToDictionary(m => m.module, m => m.name);
        return backbone.Stages.Skip(first).Take(last - first + 1).SelectMany(s => s.Modules)
            .SelectMany(m => m.state_dict().Keys.Select(key => $"{paths[m]}.{key}"));
    }
}
