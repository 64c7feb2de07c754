namespace S3L.Core.Backbones;

/// <summary>What can be done with the stages of any backbone.</summary>
public static class BackboneExtensions
{
    /// <summary>
    /// The whole architecture with the weights of a backbone that lacks its last stages; those start anew (arXiv 2103.13559, section 3.2).
    /// The caller owns it.
    /// </summary>
    public static IBackbone Grow(this IBackbone backbone)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        return backbone.WithStages(backbone.FullStageCount);
    }

    /// <summary>Stops the training of the stem and of the first stages, and drops their gradients.</summary>
    /// <param name="backbone">The network; it stays the same object.</param>
    /// <param name="stages">Stages without the stem, 0 (the stem alone) to <see cref="IBackbone.StageCount"/> (everything).</param>
    /// <param name="statistics">What the frozen stages do in train mode.</param>
    /// <returns>The frozen part: its <see cref="FrozenPrefix.Apply"/> must follow each call that switches the network to train mode.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="stages"/> is outside that range.</exception>
    public static FrozenPrefix Freeze(this IBackbone backbone, int stages, FrozenStatistics statistics = FrozenStatistics.Frozen)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        Guard.Within(stages, 0, backbone.StageCount, nameof(stages));
        return new FrozenPrefix(backbone, stages, Guard.Defined(statistics, nameof(statistics)));
    }
}
