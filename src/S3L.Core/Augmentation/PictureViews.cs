using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using S3L.Core.Engine;

namespace S3L.Core.Augmentation;

/// <summary>Carries out the draws of a batch in main memory: one view after the other, each while its pixels lie in the processor's cache.</summary>
/// <remarks>These loops are most of what the runtime compiles; optimised at once, the first steps are no slower than the later ones.</remarks>
internal sealed unsafe class PictureViews
{
    // What threads work in is kept from batch to batch.
    private readonly ConcurrentBag<Worker> _workers = [];

    /// <summary>[N, G, 3, G] bytes and V × N draws → [V × N, 3, R, R], each channel times its scale plus its shift.</summary>
    internal torch.Tensor Apply(torch.Tensor grids, IReadOnlyList<ViewDraw> draws, int resolution, float[] scale, float[] shift)
    {
        using torch.Tensor packed = grids.contiguous();
        torch.Tensor views = torch.empty([draws.Count, 3, resolution, resolution], torch.float32);
        (int n, int cells, int pixels) = ((int)grids.size(0), (int)grids.size(1), resolution * resolution);
        var from = (byte*)Start(packed);
        var to = (float*)Start(views);
        EngineSeam.ParallelFor(draws.Count, (begin, end) =>
        {
            if (!_workers.TryTake(out Worker? work) || work.Resolution != resolution) work = new Worker(resolution);
            for (int i = begin; i < end; i++)
            {
                var grid = new ReadOnlySpan<byte>(from + ((long)(i % n) * cells * 3 * cells), cells * 3 * cells);
                work.Make(grid, cells, draws[i], scale, shift, new Span<float>(to + ((long)i * 3 * pixels), 3 * pixels));
            }

            _workers.Add(work);
        });
        return views;
    }

    /// <summary>Where a tensor begins; a batch may be longer than a span can be.</summary>
    private static void* Start(torch.Tensor tensor)
    {
        using torch.Tensor first = tensor.narrow(0, 0, 1);
        return Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }

    /// <summary>What one thread needs.</summary>
    private sealed class Worker(int resolution)
    {
        private readonly PictureCrop _crop = new(resolution);
        private readonly PictureBlur? _blur = GaussianBlur.IsUsedAt(resolution) ? new PictureBlur(resolution) : null;
        private readonly Vector<float>[] _view = new Vector<float>[3 * (((resolution * resolution) + Vector<float>.Count - 1) / Vector<float>.Count)];

        internal int Resolution => resolution;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        internal void Make(ReadOnlySpan<byte> grid, int cells, in ViewDraw draw, float[] scale, float[] shift, Span<float> result)
        {
            Span<float> view = MemoryMarshal.Cast<Vector<float>, float>(_view.AsSpan());
            int pixels = resolution * resolution;
            _crop.Apply(grid, cells, draw, view);
            PictureColors.Jitter(_view, pixels, draw);
            if (draw.BlurSigma > 0) _blur?.Apply(view, (float)GaussianBlur.SigmaAt(draw.BlurSigma, resolution));
            if (draw.Solarize) PictureColors.Solarize(_view);
            for (int channel = 0; channel < 3; channel++)
            {
                PictureColors.Normalize(view.Slice(channel * (view.Length / 3), pixels), scale[channel], shift[channel],
                    result.Slice(channel * pixels, pixels));
            }
        }
    }
}
