using S3L.Core.Augmentation;
using S3L.Core.Data;

namespace S3L.Core.Evaluation;

/// <summary>Augmented pictures with their labels, in a new order each epoch. A pure function of seed, epoch and step.</summary>
internal sealed class LabelledBatches : IDisposable
{
    private readonly ImageCache _images;
    private readonly int[] _rows;
    private readonly ViewSampler _sampler;
    private readonly Augmenter _augmenter;
    private readonly int _seed;
    private readonly int _resolution;
    private readonly torch.Device _device;
    private int[] _order = [];
    private int _orderEpoch = -1;

    internal LabelledBatches(ImageCache images, int[] rows, FineTunerOptions options, int resolution, torch.Device device)
    {
        (_images, _rows, _seed, _resolution, _device) = (images, rows, options.Seed, resolution, device);
        _sampler = new ViewSampler(options.Augmentation);
        _augmenter = new Augmenter(options.Augmentation.Statistics, device);
        BatchSize = Math.Min(options.BatchSize, rows.Length);
        images.MoveTo(device);
    }

    internal int BatchSize { get; }

    /// <summary>The last batch may be smaller, but holds at least two pictures.</summary>
    internal int StepsPerEpoch => (_rows.Length / BatchSize) + (_rows.Length % BatchSize >= 2 ? 1 : 0);

    /// <summary>[N, 3, R, R] and [N] labels; they belong to the caller's scope.</summary>
    internal (torch.Tensor Images, torch.Tensor Labels) Next(int epoch, int step)
    {
        if (_orderEpoch != epoch)
        {
            _order = [.. _rows];
            new CounterRandom(_seed, epoch, -1).Shuffle(_order.AsSpan());
            _orderEpoch = epoch;
        }

        int from = step * BatchSize;
        int[] pictures = _order[from..Math.Min(from + BatchSize, _order.Length)];
        ViewDraw[] draws = [.. pictures.Select(p => _sampler.Draw(_seed, epoch, p, 0, _images.SizeOf(p).Width, _images.SizeOf(p).Height))];
        using torch.Tensor grids = _images.Gather(pictures, _resolution, _device);
        return (_augmenter.Apply(grids, draws, _resolution), LabelledRows.AsTensor([.. pictures.Select(p => _images.Labels[p])], _device));
    }

    public void Dispose() => _augmenter.Dispose();
}
