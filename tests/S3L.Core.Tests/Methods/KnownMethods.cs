using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

/// <summary>Every method, small enough to run at once. A new method joins the contract by one line here.</summary>
internal static class KnownMethods
{
    public const int Resolution = 8;
    public const int ImageCount = 100;

    private const int KeyGroups = 2;

    private static readonly MoCoOptions SmallQueue = new() { EmbeddingDimension = 6, QueueLength = 10 };

    private static readonly InstanceDiscriminationOptions SmallBank = new() { HiddenWidth = 8, EmbeddingDimension = 6, OtherCandidates = 20 };

    private static readonly InstanceDiscriminationOptions WholeBank = SmallBank with { OtherCandidates = 0, CutMixAlpha = 0 };

    private static readonly Dictionary<string, Func<IBackbone, IContrastiveMethod>> Factories = new()
    {
        ["mocov1"] = backbone => new MoCo(backbone, SmallQueue with { HeadLayers = 1 }),
        ["mocov2"] = backbone => new MoCo(backbone, SmallQueue),
        ["mocov2-symmetric"] = backbone => new MoCo(backbone, SmallQueue with { Symmetric = true }),
        ["mocov2-groups"] = backbone => new MoCo(backbone, SmallQueue with { KeyGroups = KeyGroups }),
        ["simclr"] = backbone => new SimClr(backbone, new SimClrOptions { EmbeddingDimension = 6 }),
        ["simsiam"] = backbone => new SimSiam(backbone, new SimSiamOptions { ProjectorWidth = 8, PredictorWidth = 4 }),
        ["byol"] = backbone => new Byol(backbone, new ByolOptions { HiddenWidth = 8, EmbeddingDimension = 6 }),
        ["instdisc"] = backbone => new InstanceDiscrimination(backbone, SmallBank),
        ["instdisc-momentum"] = backbone => new InstanceDiscrimination(backbone, SmallBank with { BankRule = BankRule.Momentum }),
        ["instdisc-whole"] = backbone => new InstanceDiscrimination(backbone, WholeBank),
        ["instdisc-whole-momentum"] = backbone => new InstanceDiscrimination(backbone, WholeBank with { BankRule = BankRule.Momentum }),
        ["instdisc-batch"] = backbone => new InstanceDiscrimination(backbone, SmallBank with { BatchOnly = true }),
        ["instdisc-batch-momentum"] = backbone =>
            new InstanceDiscrimination(backbone, SmallBank with { BatchOnly = true, BankRule = BankRule.Momentum }),
    };

    /// <summary>The methods under the names that they have.</summary>
    public static TheoryData<string> Names => [.. Factories.Keys.Where(name => !name.Contains('-', StringComparison.Ordinal))];

    /// <summary>The methods and their variants; a variant's name begins with the method's.</summary>
    public static TheoryData<string> NamesOfAllVariants => [.. Factories.Keys];

    /// <summary>How many images a batch needs.</summary>
    public static int LeastBatch(string name) => name == "mocov2-groups" ? 2 * KeyGroups : 2;

    public static IContrastiveMethod Create(string name, int seed = 1, torch.Device? device = null)
    {
        IContrastiveMethod method = CreateUnbegun(name, seed);
        if (device is not null) method.State.to(device);
        method.Begin(Run(device));
        return method;
    }

    public static IContrastiveMethod CreateUnbegun(string name, int seed = 1)
    {
        torch.manual_seed(seed).Dispose();
        return Factories[name](Backbone());
    }

    /// <summary>Fifty steps over a hundred images.</summary>
    public static TrainingRun Run(torch.Device? device = null) => new(ImageCount, 50, device ?? torch.CPU) { EveryImage = EveryImage(device) };

    /// <summary>A hundred images in batches of twenty-five.</summary>
    public static IEnumerable<(torch.Tensor Images, torch.Tensor Indices)> EveryImage(torch.Device? device = null)
    {
        for (int i = 0; i < 4; i++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            yield return (Images($"every{i}", 25).to(device ?? torch.CPU), Indices(25, 25 * i).to(device ?? torch.CPU));
        }
    }

    /// <summary>As many views as the method wants of the same images; another <paramref name="batch"/> has other images.</summary>
    public static torch.Tensor[] Views(IContrastiveMethod method, int count, string batch = "") =>
        [.. Enumerable.Range(0, method.ViewCount).Select(v => Images(batch, count, $"view {v}"))];

    /// <summary>One colour per image, and noise that differs from view to view.</summary>
    public static torch.Tensor Images(string name, int count, string view = "")
    {
        using torch.Tensor colours = HashedNumbers.Tensor("colours of " + name, count, 3, 1, 1);
        using torch.Tensor noise = HashedNumbers.Tensor($"noise of {name} {view}", count, 3, Resolution, Resolution);
        return colours + noise;
    }

    public static torch.Tensor Indices(int count, int first = 0) => torch.arange(first, first + count, torch.int64);

    /// <summary>A step of a run of a single stage.</summary>
    public static TrainingPosition Position(long step, long steps) => new(0, 0, 1, step, steps, step, steps);

    /// <summary>What a run calls around the change of weights of a step.</summary>
    public static void EndStep(IContrastiveMethod method, TrainingPosition position)
    {
        method.BeforeStep(position);
        method.AfterStep(position);
    }

    /// <summary>Two stages of two and four channels.</summary>
    public static ResNet Backbone() => new(new ResNetOptions
    {
        Name = "tiny",
        Width = 2,
        Depths = [1, 1, 1, 1],
        StageCount = 2,
        Stem = ResNetStem.SmallImage
    });
}
