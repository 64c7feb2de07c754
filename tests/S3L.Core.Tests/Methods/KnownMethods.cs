using S3L.Core.Backbones;
using S3L.Core.Methods;

namespace S3L.Core.Tests.Methods;

/// <summary>Every method, small enough to run at once. A new method joins the contract by one line here.</summary>
internal static class KnownMethods
{
    public const int Resolution = 8;

    private static readonly Dictionary<string, Func<IBackbone, IContrastiveMethod>> Factories = new()
    {
        ["mocov1"] = backbone => new MoCo(backbone, new MoCoOptions { HeadLayers = 1, EmbeddingDimension = 6, QueueLength = 10 }),
        ["mocov2"] = backbone => new MoCo(backbone, new MoCoOptions { EmbeddingDimension = 6, QueueLength = 10 }),
        ["simsiam"] = backbone => new SimSiam(backbone, new SimSiamOptions { ProjectorWidth = 8, PredictorWidth = 4 }),
    };

    public static TheoryData<string> Names => [.. Factories.Keys];

    public static IContrastiveMethod Create(string name, int seed = 1)
    {
        torch.manual_seed(seed).Dispose();
        IContrastiveMethod method = Factories[name](Backbone());
        method.Begin(new TrainingRun(100, 50, torch.CPU));
        return method;
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
