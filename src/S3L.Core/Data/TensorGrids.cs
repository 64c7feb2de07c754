using S3L.Core.Engine;

namespace S3L.Core.Data;

/// <summary>Grids in tensors, in the main memory or on a device.</summary>
internal sealed class TensorGrids : GridStore, IGridTarget
{
    private readonly torch.Tensor[] _levels;
    private readonly (int Width, int Height)[] _pictureSizes;

    internal TensorGrids(int count, IReadOnlyList<int> levelSizes, torch.Device device)
        : base(count, levelSizes)
    {
        Device = device;
        _pictureSizes = new (int, int)[count];
        _levels = new torch.Tensor[levelSizes.Count];
        try
        {
            for (int level = 0; level < _levels.Length; level++)
            {
                int size = levelSizes[level];
                _levels[level] = torch.empty([count, size, 3, size], torch.uint8, device).DetachFromDisposeScope();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal override torch.Device Device { get; }

    /// <summary>True sizes of the pictures that were put; a width of 0 where none was.</summary>
    internal IReadOnlyList<(int Width, int Height)> PictureSizes => _pictureSizes;

    public bool Has(int picture, Span<byte> scratch) => false;

    public void Put(int picture, int width, int height, ReadOnlySpan<byte> levels)
    {
        foreach (torch.Tensor level in _levels)
        {
            using torch.Tensor row = level.select(0, picture);
            Span<byte> target = row.bytes;
            levels[..target.Length].CopyTo(target);
            levels = levels[target.Length..];
        }

        _pictureSizes[picture] = (width, height);
    }

    internal override torch.Tensor Gather(int level, ReadOnlySpan<int> rows)
    {
        var numbers = new long[rows.Length];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = rows[i];
        using torch.Tensor index = HostCopy.Move(torch.tensor(numbers), Device);
        return _levels[level].index_select(0, index);
    }

    /// <summary>Replaces rows from <paramref name="first"/> on.</summary>
    internal void Overwrite(int level, int first, torch.Tensor rows)
    {
        using torch.Tensor place = _levels[level].narrow(0, first, rows.size(0));
        place.copy_(rows);
    }

    public override void Dispose()
    {
        // Null after a failed constructor.
        foreach (torch.Tensor? level in _levels) level?.Dispose();
    }
}
