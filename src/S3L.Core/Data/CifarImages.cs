namespace S3L.Core.Data;

/// <summary>CIFAR-10 or CIFAR-100 in their binary version: 32 × 32 pictures in ten classes, or in a hundred (the fine labels).</summary>
/// <remarks>The chosen part is held in memory whole, 150 MB for the training part.</remarks>
public sealed class CifarImages : IImageDataset, IDisposable
{
    private readonly string[] _names;
    private byte[][]? _batches;
    private readonly CifarLayout _layout;
    private readonly int[] _starts;

    internal CifarImages(FileSource source, bool train)
    {
        _layout = CifarLayout.Find(source, train);
        _names = [.. _layout.Files.Select(file => source.Paths[file])];
        _batches = [.. _layout.Files.Select(file => ReadAll(source, file))];
        _starts = new int[_batches.Length + 1];
        for (int batch = 0; batch < _batches.Length; batch++)
            _starts[batch + 1] = _starts[batch] + CheckRecords(_names[batch], _batches[batch]);
        ClassNames = _layout.ReadClassNames(source);
    }

    /// <inheritdoc/>
    public int Count => _starts[^1];

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>From all bytes of the part.</summary>
    /// <exception cref="ObjectDisposedException">The pictures were let go of.</exception>
    public string Identity
    {
        get
        {
            byte[][]? batches = _batches;
            ObjectDisposedException.ThrowIf(batches is null, this);
            using var hash = new ContentHash();
            foreach (byte[] batch in batches)
                hash.Add(batch);
            return $"cifar {hash}";
        }
    }

    /// <summary>Reads the training or the test part.</summary>
    /// <param name="path">
    /// A folder or an archive (.tar, .tar.gz, .zip) that holds, at any depth, data_batch_1.bin to data_batch_5.bin and test_batch.bin
    /// (CIFAR-10), or train.bin and test.bin (CIFAR-100). Class names come from the text files beside them where those are present.
    /// </param>
    /// <param name="train">Whether to read the training part; otherwise the test part.</param>
    /// <exception cref="FileNotFoundException">There is nothing at <paramref name="path"/>.</exception>
    /// <exception cref="InvalidDataException">A file of that part is missing, truncated, or holds a label beyond the classes.</exception>
    public static CifarImages Open(string path, bool train = true)
    {
        using FileSource source = FileSource.Open(path);
        return new CifarImages(source, train);
    }

    /// <inheritdoc/>
    public int GetLabel(int index) => Record(index, out _, out _)[_layout.LabelOffset];

    /// <inheritdoc/>
    public string GetName(int index)
    {
        Record(index, out int batch, out int record);
        return $"{_names[batch]}#{record}";
    }

    /// <inheritdoc/>
    public RgbImage Load(int index, int minimumSide = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimumSide);
        ReadOnlySpan<byte> planes = Record(index, out _, out _)[(_layout.LabelOffset + 1)..];
        const int plane = CifarLayout.Side * CifarLayout.Side;
        byte[] pixels = new byte[plane * 3];
        for (int i = 0; i < plane; i++)
        {
            pixels[3 * i] = planes[i];
            pixels[(3 * i) + 1] = planes[plane + i];
            pixels[(3 * i) + 2] = planes[(2 * plane) + i];
        }
        return new RgbImage(CifarLayout.Side, CifarLayout.Side, pixels);
    }

    /// <summary>Lets go of the pictures. None can be loaded afterwards.</summary>
    public void Dispose() => _batches = null;

    private ReadOnlySpan<byte> Record(int index, out int batch, out int record)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        byte[][]? batches = _batches;
        ObjectDisposedException.ThrowIf(batches is null, this);
        batch = 0;
        while (index >= _starts[batch + 1])
            batch++;
        record = index - _starts[batch];
        return batches[batch].AsSpan(record * _layout.RecordBytes, _layout.RecordBytes);
    }

    private static byte[] ReadAll(FileSource source, int file)
    {
        using PooledBytes bytes = source.Read(file);
        return bytes.Span.ToArray();
    }

    private int CheckRecords(string name, byte[] data)
    {
        if (data.Length == 0 || data.Length % _layout.RecordBytes != 0)
            throw new InvalidDataException(
                $"'{name}' must consist of whole records of {_layout.RecordBytes} bytes, but holds {data.Length} bytes. Is it truncated?");
        int count = data.Length / _layout.RecordBytes;
        for (int record = 0; record < count; record++)
        {
            int label = data[(record * _layout.RecordBytes) + _layout.LabelOffset];
            if (label >= _layout.Classes)
                throw new InvalidDataException($"'{name}' must hold labels below {_layout.Classes}, but record {record} has {label}.");
        }
        return count;
    }
}
