using S3L.Core.Augmentation;
using S3L.Testing;

namespace S3L.Core.Tests.Augmentation;

/// <summary>Pictures as the augmenter takes them, and an augmenter that leaves colours between 0 and 1.</summary>
internal static class Pictures
{
    /// <summary>Statistics that change nothing.</summary>
    public static ColorStatistics Neutral { get; } = new([0, 0, 0], [1, 1, 1]);

    /// <summary>[C, H, W] bytes of a square picture → [1, G, 3, G], the cache's order.</summary>
    public static torch.Tensor Grid(torch.Tensor picture)
    {
        using torch.Tensor rows = picture.permute(1, 0, 2);
        using torch.Tensor packed = rows.contiguous();
        return packed.unsqueeze(0);
    }

    /// <summary>[N, G, 3, G] bytes that look like noise.</summary>
    public static torch.Tensor Noise(string name, int count, int side)
    {
        byte[] bytes = [.. HashedNumbers.Of(name, (long)count * side * 3 * side).Select(x => (byte)((x + 1) * 128))];
        return torch.tensor(bytes, [count, side, 3, side]);
    }

    /// <summary>Views in [0, 1]. The caller owns them.</summary>
    public static torch.Tensor Apply(torch.Tensor grids, int resolution, params ViewDraw[] draws)
    {
        using var augmenter = new Augmenter(Neutral);
        return augmenter.Apply(grids, draws, resolution);
    }
}
