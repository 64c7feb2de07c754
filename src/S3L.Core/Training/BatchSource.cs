using System.Diagnostics;
using S3L.Core.Augmentation;
using S3L.Core.Data;

namespace S3L.Core.Training;

/// <summary>The batches of a run: which pictures in which order, and their views. A pure function of seed, epoch and number.</summary>
internal sealed class BatchSource : IDisposable
{
    // Draws of the pass before the first epoch, in the place of an epoch's number.
    private const int BeforeTheFirst = -1;

    private readonly ImageCache _images;
    private readonly ViewSampler[] _samplers;
    private readonly Augmenter _augmenter;
    private readonly int _seed;
    private readonly torch.Device _device;
    private int _orderEpoch = BeforeTheFirst;
    private int[] _order = [];

    internal BatchSource(ImageCache images, IReadOnlyList<AugmentationOptions> augmentations, int viewCount, int seed, torch.Device device)
    {
        _images = images;
        _samplers = [.. Enumerable.Range(0, viewCount).Select(view => new ViewSampler(augmentations[augmentations.Count == 1 ? 0 : view]))];
        _augmenter = new Augmenter(augmentations[0].Statistics, device);
        _seed = seed;
        _device = device;
        images.MoveTo(device);
    }

    /// <summary>Time spent on getting pictures out of the cache, before anything is computed from them.</summary>
    internal double WaitSeconds { get; private set; }

    /// <summary>One tensor [N, 3, R, R] per view, and [N] picture numbers. They belong to the caller's scope.</summary>
    internal (torch.Tensor[] Views, torch.Tensor Indices) Next(RunCursor cursor, int batchSize, int resolution)
    {
        if (_orderEpoch != cursor.RunEpoch)
        {
            _order = [.. Enumerable.Range(0, _images.Count)];
            new CounterRandom(_seed, cursor.RunEpoch, -1).Shuffle(_order.AsSpan());
            _orderEpoch = cursor.RunEpoch;
        }

        return Make(_order.AsSpan(cursor.EpochStep * batchSize, batchSize), _samplers, cursor.RunEpoch, resolution);
    }

    /// <summary>The first view of every picture, in even batches of at least two; each lasts until the next.</summary>
    internal IEnumerable<(torch.Tensor Images, torch.Tensor Indices)> EveryImage(int batchSize, int resolution)
    {
        int batches = Math.Max((_images.Count + batchSize - 1) / batchSize, 1);
        int[] all = [.. Enumerable.Range(0, _images.Count)];
        for (int i = 0; i < batches; i++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            int from = (int)((long)all.Length * i / batches);
            int to = (int)((long)all.Length * (i + 1) / batches);
            (torch.Tensor[] views, torch.Tensor indices) = Make(all.AsSpan(from, to - from), _samplers.AsSpan(0, 1), BeforeTheFirst, resolution);
            yield return (views[0], indices);
        }
    }

    public void Dispose() => _augmenter.Dispose();

    private (torch.Tensor[] Views, torch.Tensor Indices) Make(ReadOnlySpan<int> pictures, ReadOnlySpan<ViewSampler> samplers, int runEpoch,
        int resolution)
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

        torch.Tensor indices = torch.tensor(numbers, device: _device);
        long started = Stopwatch.GetTimestamp();
        using torch.Tensor grids = _images.Gather(pictures, resolution, _device);
        WaitSeconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
        using torch.Tensor all = _augmenter.Apply(grids, draws, resolution);
        return ([.. Enumerable.Range(0, samplers.Length).Select(v => all.narrow(0, (long)v * n, n))], indices);
    }
}
