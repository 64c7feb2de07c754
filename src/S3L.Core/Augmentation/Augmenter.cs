using S3L.Core.Engine;

namespace S3L.Core.Augmentation;

/// <summary>Carries out the draws of a batch where the pictures are: in main memory view by view, on another device as tensor work.</summary>
/// <remarks>
/// The grid on which pictures are kept is resampled to a box of it directly, at any resolution. The triangle filter of torchvision's
/// antialiased resize is separable: a crop is two sparse sums per view, and two matrix products as tensor work. Both ways give the same
/// views but for rounding.
/// </remarks>
public sealed class Augmenter : IDisposable
{
    private readonly float[] _scale;
    private readonly float[] _shift;
    private readonly torch.Tensor _scales;
    private readonly torch.Tensor _shifts;
    private readonly PictureViews _views = new();
    private readonly bool _tensorWork;

    /// <summary>An augmenter that normalises colours by the given statistics.</summary>
    /// <param name="statistics">Mean and deviation of the colours.</param>
    /// <param name="device">Where the pictures are; null means in main memory.</param>
    /// <param name="tensorWork">Tensor work also in main memory, so that the two ways can be compared.</param>
    public Augmenter(ColorStatistics statistics, torch.Device? device = null, bool tensorWork = false)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        _scale = [.. statistics.Deviation.Select(d => (float)(1 / d))];
        _shift = [.. statistics.Mean.Zip(statistics.Deviation, (m, d) => (float)(-m / d))];
        _scales = torch.tensor(_scale, [1, 3, 1, 1], device: device).DetachFromDisposeScope();
        _shifts = torch.tensor(_shift, [1, 3, 1, 1], device: device).DetachFromDisposeScope();
        _tensorWork = tensorWork;
    }

    /// <summary>Makes one view of each picture per draw.</summary>
    /// <param name="grids">[N, G, 3, G] bytes: pictures resized to a square, as rows of channels of columns.</param>
    /// <param name="draws">V × N draws: all of the first view, then all of the second, and so on.</param>
    /// <param name="resolution">R: height and width of the views, in pixels.</param>
    /// <returns>[V × N, 3, R, R] in float32, normalised; view v of picture n is row v × N + n.</returns>
    /// <exception cref="ArgumentException">A shape does not fit, or a box does not lie within the picture.</exception>
    public torch.Tensor Apply(torch.Tensor grids, IReadOnlyList<ViewDraw> draws, int resolution)
    {
        ArgumentNullException.ThrowIfNull(grids);
        ArgumentNullException.ThrowIfNull(draws);
        Guard.AtLeast(resolution, 1, nameof(resolution));
        long[] shape = grids.shape;
        if (shape.Length != 4 || shape[2] != 3 || shape[1] != shape[3] || grids.dtype != torch.uint8)
        {
            throw new ArgumentException($"grids must be [N, G, 3, G] bytes, but is {grids}.", nameof(grids));
        }

        if (draws.Count == 0 || draws.Count % shape[0] != 0)
        {
            throw new ArgumentException($"draws must hold a multiple of N = {shape[0]} draws, but holds {draws.Count}.", nameof(draws));
        }

        for (int i = 0; i < draws.Count; i++)
        {
            CropBox box = draws[i].Box;
            if (box is { Left: >= 0, Top: >= 0, Right: <= 1, Bottom: <= 1 } && box.Left < box.Right && box.Top < box.Bottom) continue;
            throw new ArgumentException($"draws[{i}].Box must lie within the picture, from 0 to 1 with Left < Right and Top < Bottom, but is {box}.",
                nameof(draws));
        }

        if (grids.device.type == DeviceType.CPU && !_tensorWork) return _views.Apply(grids, draws, resolution, _scale, _shift);
        using torch.Tensor table = HostCopy.Move(Table(draws, (int)shape[1], resolution), grids.device);
        return Apply(grids, table, DrawKinds.Of(draws), resolution);
    }

    /// <summary>A <see cref="DrawTable"/> in main memory: [V × N, <see cref="DrawTable.Width"/>].</summary>
    internal static torch.Tensor Table(IReadOnlyList<ViewDraw> draws, int cells, int resolution) =>
        torch.tensor(DrawTable.Of(draws, cells, resolution), [draws.Count, DrawTable.Width]);

    /// <summary>Makes views as tensor work, of which nothing depends on the draws but through their table.</summary>
    internal torch.Tensor Apply(torch.Tensor grids, torch.Tensor table, DrawKinds kinds, int resolution)
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor images = CropResampler.Apply(grids, table, resolution);          // [V × N, 3, R, R] in [0, 1]
        images = ColorJitter.Apply(images, table, kinds);
        if (kinds.Blur) images = GaussianBlur.Apply(images, table, resolution);
        if (kinds.Solarize)
        {
            torch.Tensor inverted = ColorJitter.Column(table, DrawTable.HasSolarize).gt(0).logical_and(images.ge(0.5));
            images = torch.where(inverted, 1 - images, images);
        }

        return images.mul(_scales).add_(_shifts).MoveToOuterDisposeScope();
    }

    /// <summary>Disposes the statistics.</summary>
    public void Dispose()
    {
        _scales.Dispose();
        _shifts.Dispose();
    }
}
