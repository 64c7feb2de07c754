namespace S3L.Core.Training;

/// <summary>The place on the device into which batch after batch of one shape is put, so that recorded work finds it there.</summary>
internal sealed class BatchSlots : IDisposable
{
    /// <param name="indices">[N] picture numbers.</param>
    /// <param name="grids">[N, G, 3, G] bytes.</param>
    /// <param name="draws">[V × N, …]: the draws as a table.</param>
    internal BatchSlots(torch.Tensor indices, torch.Tensor grids, torch.Tensor draws) =>
        (Indices, Grids, Draws) = (indices.DetachFromDisposeScope(), grids.DetachFromDisposeScope(), draws.DetachFromDisposeScope());

    internal torch.Tensor Indices { get; }

    internal torch.Tensor Grids { get; }

    internal torch.Tensor Draws { get; }

    /// <summary>Puts the next batch in the place of this one.</summary>
    internal void Fill(torch.Tensor indices, torch.Tensor grids, torch.Tensor draws)
    {
        Indices.copy_(indices);
        Grids.copy_(grids);
        Draws.copy_(draws);
    }

    public void Dispose()
    {
        Indices.Dispose();
        Grids.Dispose();
        Draws.Dispose();
    }
}
