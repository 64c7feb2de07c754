namespace S3L.Core.Weights;

/// <summary>A tensor's memory in pieces, since a span has less than 2 GiB.</summary>
internal static class TensorPieces
{
    private const long MostBytes = 1 << 30;

    /// <summary>The elements in order; each piece lasts until the next.</summary>
    /// <param name="tensor">Contiguous.</param>
    /// <param name="mostBytes">Bytes of a piece, but for one that is a single element.</param>
    internal static IEnumerable<torch.Tensor> Of(torch.Tensor tensor, long mostBytes = MostBytes)
    {
        using torch.Tensor flat = tensor.view(-1);
        long most = Math.Max(mostBytes / tensor.dtype.ElementSize(), 1);
        for (long start = 0; start < flat.numel(); start += most)
        {
            using torch.Tensor piece = flat.narrow(0, start, Math.Min(most, flat.numel() - start));
            yield return piece;
        }
    }
}
