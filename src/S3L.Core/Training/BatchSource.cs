using System.Diagnostics;
using S3L.Core.Augmentation;
using S3L.Core.Data;

namespace S3L.Core.Training;

/// <summary>The batches of a run: which pictures in which order, and their views. A pure function of seed, epoch and number.</summary>
internal sealed class BatchSource : IDisposable
{
    private readonly ImageCache _images;
    private readonly ViewSampler[] _samplers;
    private readonly Augmenter _augmenter;
    private readonly int _seed;

    internal BatchSource(ImageCache images, AugmentationOptions augmentation, int viewCount, int seed, torch.Device device)
    {
        _images = images;
        _samplers = [.. Enumerable.Range(0, viewCount).Select(_ => new ViewSampler(augmentation))];
        _augmenter = new Augmenter(augmentation.Statistics, device);
        _seed = seed;
        images.MoveTo(device);
    }

    /// <summary>Time spent on getting pictures out of the cache, before anything is computed from them.</summary>
    internal double WaitSeconds { get; private set; }

    /// <summary>All pictures in the order of an epoch of the run.</summary>
    internal int[] Order(int runEpoch)
    {
        int[] order = [.. Enumerable.Range(0, _images.Count)];
        new CounterRandom(_seed, runEpoch, -1).Shuffle(order.AsSpan());
        return order;
    }

    /// <summary>One tensor [N, 3, R, R] per view, and [N] picture numbers. They belong to the caller's scope.</summary>
    internal (torch.Tensor[] Views, torch.Tensor Indices) Next(ReadOnlySpan<int> pictures, int runEpoch, int resolution)
    {
        int n = pictures.Length;
        var draws = new ViewDraw[_samplers.Length * n];
        var numbers = new long[n];
        for (int i = 0; i < n; i++)
        {
            (int width, int height) = _images.SizeOf(pictures[i]);
            numbers[i] = pictures[i];
            for (int view = 0; view < _samplers.Length; view++)
            {
                draws[(view * n) + i] = _samplers[view].Draw(_seed, runEpoch, pictures[i], view, width, height);
            }
        }

        torch.Tensor indices = torch.tensor(numbers, device: _images.Grids.device);
        long started = Stopwatch.GetTimestamp();
        using torch.Tensor grids = _images.Grids.index_select(0, indices);
        WaitSeconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
        using torch.Tensor all = _augmenter.Apply(grids, draws, resolution);
        return ([.. Enumerable.Range(0, _samplers.Length).Select(v => all.narrow(0, (long)v * n, n))], indices);
    }

    public void Dispose() => _augmenter.Dispose();
}
