namespace S3L.Core.Backbones;

/// <summary>A network from images to feature vectors, without a classifier.</summary>
public interface IBackbone : IDisposable
{
    /// <summary>What the network is called in reports and files, such as <c>resnet18</c>.</summary>
    string Name { get; }

    /// <summary>D: length of a feature vector.</summary>
    long FeatureDimension { get; }

    /// <summary>The least height and width of an image, in pixels.</summary>
    int MinimumResolution { get; }

    /// <summary>Names of the parts that run one after the other, first to last, as they appear in the state dict.</summary>
    IReadOnlyList<string> StageNames { get; }

    /// <summary>The module that holds parameters and buffers; its state dict has torchvision's names where torchvision has the network.</summary>
    torch.nn.Module Network { get; }

    /// <summary>Features of images at any legal resolution, without rebuilding anything.</summary>
    /// <param name="images">[N, 3, H, W], normalised, H and W of at least <see cref="MinimumResolution"/>.</param>
    /// <returns>[N, D].</returns>
    /// <exception cref="ArgumentException"><paramref name="images"/> has another shape.</exception>
    torch.Tensor Forward(torch.Tensor images);

    /// <summary>A second network of the same architecture with the same weights on the same device. The caller owns it.</summary>
    IBackbone CreateTwin();
}
