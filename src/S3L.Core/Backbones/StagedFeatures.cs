using System.Globalization;

namespace S3L.Core.Backbones;

/// <summary>
/// The <c>features</c> of MobileNets and EfficientNets in stages: the first part is the stem, and a stage begins behind it and at each further
/// part that halves the resolution.
/// </summary>
internal sealed class StagedFeatures
{
    /// <summary>Builds the stem and the first stages of an architecture.</summary>
    /// <param name="parts">The whole architecture.</param>
    /// <param name="stageCount">How many stages to build.</param>
    internal StagedFeatures(IReadOnlyList<FeaturePart> parts, int stageCount)
    {
        var stageOf = new int[parts.Count];
        for (int i = 1; i < parts.Count; i++) stageOf[i] = stageOf[i - 1] + (i == 1 || parts[i].Stride == 2 ? 1 : 0);
        FullStageCount = stageOf[^1];
        StageCount = Guard.Within(stageCount, 1, FullStageCount, nameof(StageCount));

        FeaturePart[] kept = [.. parts.Where((_, i) => stageOf[i] <= StageCount)];
        torch.nn.Module<torch.Tensor, torch.Tensor>[] modules = [.. kept.Select(p => p.Build())];
        Sequence = torch.nn.Sequential(modules);
        Stages = [.. Enumerable.Range(0, StageCount + 1).Select(stage =>
            new BackboneStage(NameOf(stage), [.. modules.Where((_, i) => stageOf[i] == stage)]))];
        FeatureDimension = kept[^1].Channels;
        Stride = kept.Aggregate(1, (stride, part) => stride * part.Stride);
    }

    internal Sequential Sequence { get; }

    internal IReadOnlyList<BackboneStage> Stages { get; }

    internal int StageCount { get; }

    internal int FullStageCount { get; }

    internal long FeatureDimension { get; }

    /// <summary>Pixels of the image per element of the last map, along one side.</summary>
    internal int Stride { get; }

    /// <summary>[N, 3, H, W] → [N, D]: the means over height and width of the last stage.</summary>
    internal torch.Tensor Pooled(torch.Tensor images)
    {
        Guard.Images(images, Stride, "input");
        using torch.Tensor maps = Sequence.call(images);
        return maps.mean([2, 3]);
    }

    private static string NameOf(int stage) => stage == 0 ? "stem" : "stage" + stage.ToString(CultureInfo.InvariantCulture);
}
