using System.Diagnostics;
using S3L.Core.Augmentation;
using S3L.Core.Data;
using S3L.Core.Engine;

namespace S3L.Core.Training;

/// <summary>The batches of a run: which pictures in which order, and their views. A pure function of seed, epoch and number.</summary>
internal sealed class BatchSource : IDisposable
{
    // Draws of the pass before the first epoch, in the place of an epoch's number.
    private const int BeforeTheFirst = -1;

    private readonly ImageCache _images;
    private readonly ViewSampler[] _samplers;
    private readonly Augmenter _augmenter;
    private readonly DrawKinds _kinds;
    private readonly int _seed;
    private readonly torch.Device _device;
    private int _orderEpoch = BeforeTheFirst;
    private int[] _order = [];

    internal BatchSource(ImageCache images, IReadOnlyList<AugmentationOptions> augmentations, int viewCount, int seed, torch.Device device)
    {
        _images = images;
        _samplers = [.. Enumerable.Range(0, viewCount).Select(view => new ViewSampler(augmentations[augmentations.Count == 1 ? 0 : view]))];
        _augmenter = new Augmenter(augmentations[0].Statistics, device);
        _kinds = DrawKinds.Of(augmentations);
        _seed = seed;
        _device = device;
    }

    /// <summary>Time spent on getting pictures out of the cache, before anything is computed from them.</summary>
    internal double WaitSeconds { get; private set; }

    /// <summary>One tensor [N, 3, R, R] per view, and [N] picture numbers. They belong to the caller's scope.</summary>
    internal (torch.Tensor[] Views, torch.Tensor Indices) Next(RunCursor cursor, int batchSize, int resolution) =>
        Make(PicturesOf(cursor, batchSize), _samplers, cursor.RunEpoch, resolution);

    /// <summary>Puts what the next views are made of into slots, or into new ones.</summary>
    internal void Fill(ref BatchSlots? slots, RunCursor cursor, int batchSize, int resolution)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ReadOnlySpan<int> pictures = PicturesOf(cursor, batchSize);
        (torch.Tensor indices, ViewDraw[] draws) = Draw(pictures, _samplers, cursor.RunEpoch);
        torch.Tensor grids = Grids(pictures, resolution);
        torch.Tensor table = HostCopy.Move(Augmenter.Table(draws, (int)grids.size(1), resolution), _device);
        if (slots is null) slots = new BatchSlots(indices, grids, table);
        else slots.Fill(indices, grids, table);
    }

    /// <summary>One tensor per view, as from <see cref="Next"/>, made by the device alone.</summary>
    internal torch.Tensor[] ViewsOf(BatchSlots slots, int resolution)
    {
        using torch.Tensor all = _augmenter.Apply(slots.Grids, slots.Draws, _kinds, resolution);
        return Apart(all, slots.Indices.size(0));
    }

    /// <summary>
    /// The first view of every picture, in even batches of at least two; each lasts until the next. In an order of its own: side by side, pictures
    /// of one class would make batches that normalisations take their common traits from.
    /// </summary>
    internal IEnumerable<(torch.Tensor Images, torch.Tensor Indices)> EveryImage(int batchSize, int resolution, CancellationToken cancellation)
    {
        int batches = Math.Max(Math.Min((_images.Count + batchSize - 1) / batchSize, _images.Count / 2), 1);
        int[] all = OrderOf(BeforeTheFirst);
        for (int i = 0; i < batches; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            int from = (int)((long)all.Length * i / batches);
            int to = (int)((long)all.Length * (i + 1) / batches);
            (torch.Tensor images, torch.Tensor indices) = FirstViews(all.AsSpan(from, to - from), resolution);
            using (images)
            using (indices) yield return (images, indices);
        }
    }

    public void Dispose() => _augmenter.Dispose();

    /// <summary>In no scope: a scope that were open while they are used would take what is made of them.</summary>
    private (torch.Tensor Images, torch.Tensor Indices) FirstViews(ReadOnlySpan<int> pictures, int resolution)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor[] views, torch.Tensor indices) = Make(pictures, _samplers.AsSpan(0, 1), BeforeTheFirst, resolution);
        return (views[0].DetachFromDisposeScope(), indices.DetachFromDisposeScope());
    }

    private ReadOnlySpan<int> PicturesOf(RunCursor cursor, int batchSize)
    {
        if (_orderEpoch != cursor.RunEpoch)
        {
            _order = OrderOf(cursor.RunEpoch);
            _orderEpoch = cursor.RunEpoch;
        }

        return _order.AsSpan(cursor.EpochStep * batchSize, batchSize);
    }

    private int[] OrderOf(int runEpoch)
    {
        int[] order = [.. Enumerable.Range(0, _images.Count)];
        new CounterRandom(_seed, runEpoch, -1).Shuffle(order.AsSpan());
        return order;
    }

    private (torch.Tensor[] Views, torch.Tensor Indices) Make(ReadOnlySpan<int> pictures, ReadOnlySpan<ViewSampler> samplers, int runEpoch,
        int resolution)
    {
        (torch.Tensor indices, ViewDraw[] draws) = Draw(pictures, samplers, runEpoch);
        using torch.Tensor grids = Grids(pictures, resolution);
        using torch.Tensor all = _augmenter.Apply(grids, draws, resolution);
        return (Apart(all, pictures.Length), indices);
    }

    /// <summary>[N] picture numbers on the device, and V × N draws.</summary>
    private (torch.Tensor Indices, ViewDraw[] Draws) Draw(ReadOnlySpan<int> pictures, ReadOnlySpan<ViewSampler> samplers, int runEpoch)
    {
        int n = pictures.Length;
        var draws = new ViewDraw[samplers.Length * n];
        var numbers = new long[n];
        for (int i = 0; i < n; i++)
        {
            (int width, int height) = _images.SizeOf(pictures[i]);
            numbers[i] = pictures[i];
            for (int view = 0; view < samplers.Length; view++)
            {
                draws[(view * n) + i] = samplers[view].Draw(_seed, runEpoch, pictures[i], view, width, height);
            }
        }

        return (HostCopy.Move(torch.tensor(numbers), _device), draws);
    }

    private torch.Tensor Grids(ReadOnlySpan<int> pictures, int resolution)
    {
        long started = Stopwatch.GetTimestamp();
        torch.Tensor grids = _images.Gather(pictures, resolution, _device);
        WaitSeconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
        return grids;
    }

    private static torch.Tensor[] Apart(torch.Tensor all, long n) =>
        [.. Enumerable.Range(0, (int)(all.size(0) / n)).Select(v => all.narrow(0, v * n, n))];
}
