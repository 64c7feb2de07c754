using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;

namespace S3L.Core.Evaluation;

/// <summary>Features of pictures as evaluation sees them: centred square, no augmentation, network in evaluation mode.</summary>
public static class FeatureExtractor
{
    /// <summary>Features of all pictures.</summary>
    /// <param name="backbone">The network; switched to evaluation for the call and back.</param>
    /// <param name="images">M pictures.</param>
    /// <param name="resolution">Height and width at which the network sees them, in pixels.</param>
    /// <param name="statistics">What colours are normalised by; must be those of the training.</param>
    /// <param name="batchSize">Pictures at a time; at least 1.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>[M, D] in float32 on the device of the network.</returns>
    public static torch.Tensor Extract(IBackbone backbone, ImageCache images, int resolution, ColorStatistics statistics, int batchSize = 256,
        CancellationToken cancellation = default)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] parts = [.. Stream(backbone, images, resolution, statistics, batchSize, cancellation).Select(b => b.Features)];
        return torch.cat(parts).MoveToOuterDisposeScope();
    }

    /// <summary>Features batch by batch, for sets whose features together need more memory than there is: each is computed when asked for.</summary>
    /// <inheritdoc cref="Extract"/>
    /// <returns>
    /// In order, which pictures (a range of numbers in <paramref name="images"/>) and their features, [N, D] in float32 on the device of the
    /// network; they belong to the caller. Between two batches the network is as it was.
    /// </returns>
    public static IEnumerable<(Range Pictures, torch.Tensor Features)> Stream(IBackbone backbone, ImageCache images, int resolution,
        ColorStatistics statistics, int batchSize = 256, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(statistics);
        Guard.AtLeast(resolution, backbone.MinimumResolution, nameof(resolution));
        Guard.AtLeast(batchSize, 1, nameof(batchSize));
        return Batches();

        IEnumerable<(Range Pictures, torch.Tensor Features)> Batches()
        {
            torch.Device device = backbone.Network.parameters().First().device;
            using var augmenter = new Augmenter(statistics, device);
            for (int start = 0; start < images.Count; start += batchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = Math.Min(batchSize, images.Count - start);
                yield return (start..(start + count), Batch(backbone, images, augmenter, start, count, resolution, device));
            }
        }
    }

    /// <summary>The centred squares of some pictures, [N, 3, R, R]; they belong to the caller's scope.</summary>
    internal static torch.Tensor Views(ImageCache images, int start, int count, int resolution, Augmenter augmenter, torch.Device device)
    {
        var draws = new ViewDraw[count];
        int[] pictures = [.. Enumerable.Range(start, count)];
        for (int i = 0; i < count; i++)
        {
            (int width, int height) = images.SizeOf(pictures[i]);
            draws[i] = new ViewDraw(CropBox.Center(width, height, resolution));
        }

        using DisposeScope scope = torch.NewDisposeScope();
        return augmenter.Apply(images.Gather(pictures, resolution, device), draws, resolution).MoveToOuterDisposeScope();
    }

    private static torch.Tensor Batch(IBackbone backbone, ImageCache images, Augmenter augmenter, int start, int count, int resolution,
        torch.Device device)
    {
        using IDisposable quiet = torch.no_grad();
        // Each part's, since parts may be frozen. Switching a module switches all below it, and these come after it.
        (torch.nn.Module Module, bool Training)[] modes =
            [(backbone.Network, backbone.Network.training), .. backbone.Network.named_modules().Select(m => (m.module, m.module.training))];
        backbone.Network.eval();
        try
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor views = Views(images, start, count, resolution, augmenter, device);
            return backbone.Forward(views).to(torch.float32).MoveToOuterDisposeScope();
        }
        finally
        {
            foreach ((torch.nn.Module module, bool training) in modes) module.train(training);
        }
    }
}
