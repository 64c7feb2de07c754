namespace S3L.Core.Backbones;

/// <summary>A network from images to feature vectors, without a classifier.</summary>
public interface IBackbone : IDisposable
{
    /// <summary>What the network is called in reports and files, such as <c>resnet18</c>.</summary>
    string Name { get; }

    /// <summary>
    /// The architecture as text, in which two equal ones are equal: a checkpoint of another is refused, also where its weights have the same shapes.
    /// Default: empty.
    /// </summary>
    string Settings => "";

    /// <summary>D: length of a feature vector.</summary>
    long FeatureDimension { get; }

    /// <summary>The least height and width of an image, in pixels.</summary>
    int MinimumResolution { get; }

    /// <summary>The stem, then the stages that are built, as they run. Together they hold every parameter exactly once.</summary>
    IReadOnlyList<BackboneStage> Stages { get; }

    /// <summary>How many stages are built, without the stem.</summary>
    int StageCount { get; }

    /// <summary>How many stages the whole architecture has, without the stem; 1 where none can be left out.</summary>
    int FullStageCount { get; }

    /// <summary>The module that holds parameters and buffers; its state dict has torchvision's names where torchvision has the network.</summary>
    torch.nn.Module Network { get; }

    /// <summary>Features of images at any legal resolution, without rebuilding anything.</summary>
    /// <param name="images">[N, 3, H, W], normalised, H and W of at least <see cref="MinimumResolution"/>.</param>
    /// <returns>[N, D].</returns>
    /// <exception cref="ArgumentException"><paramref name="images"/> has another shape.</exception>
    torch.Tensor Forward(torch.Tensor images);

    /// <summary>A second network of the same architecture with the same weights on the same device. The caller owns it.</summary>
    IBackbone CreateTwin();

    /// <summary>
    /// A second network of the same architecture with its stem and first stages only, on the same device; it is in train mode and all of it
    /// is trained. Parameters and buffers of stages that both networks have are copied, those of further stages start as in a new network.
    /// The caller owns it.
    /// </summary>
    /// <param name="count">Stages without the stem, 1 to <see cref="FullStageCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is outside that range.</exception>
    IBackbone WithStages(int count);
}
