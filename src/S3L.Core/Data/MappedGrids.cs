using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace S3L.Core.Data;

/// <summary>Grids of a complete cache file that is mapped into memory. A grid is checked against its sum when it is first read.</summary>
internal sealed unsafe class MappedGrids : GridStore
{
    private readonly string _path;
    private readonly GridFileLayout _layout;
    private readonly byte[] _records;
    private readonly bool[] _isChecked;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    private MappedGrids(string path, FileStream stream, GridFileLayout layout, byte[] records, UnreadableRow[] skipped)
        : base(layout.Count, layout.Sizes)
    {
        (_path, _layout, _records, Skipped) = (path, layout, records, skipped);
        _isChecked = new bool[layout.Count * layout.Sizes.Count];
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    internal UnreadableRow[] Skipped { get; }

    internal override torch.Device Device => torch.CPU;

    /// <summary>Opens a complete file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The file cannot be used; the message says why, as the end of a sentence.</exception>
    internal static MappedGrids Open(string path, byte[] key, int count)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            SafeFileHandle file = stream.SafeFileHandle;
            GridFileHeader header = GridFileHeader.Read(file, key, count);
            if (header.ReasonBytes < 0) throw new InvalidDataException("it is not complete");
            GridFileLayout layout = header.Layout;
            if (stream.Length != layout.End + header.ReasonBytes)
            {
                throw new InvalidDataException($"it should have {layout.End + header.ReasonBytes} bytes, but has {stream.Length}");
            }

            byte[] records = new byte[layout.RecordsBytes], reasons = new byte[header.ReasonBytes];
            bool isSame = GridFileHeader.TryRead(file, records, GridFileLayout.PageBytes) && GridFileHeader.TryRead(file, reasons, layout.End)
                && GridFileHeader.DigestOf(records, reasons).AsSpan().SequenceEqual(header.Digest);
            if (!isSame) throw new InvalidDataException("its index is damaged");
            int ints = layout.RecordBytes / sizeof(int);
            UnreadableRow[] skipped = GridFileReasons.Read(reasons,
                row => MemoryMarshal.Cast<byte, int>(records)[(row * ints) + 1] == GridFileLayout.Transient);
            return new MappedGrids(path, stream, layout, records, skipped);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>True width and height of a picture; 0 where it could not be read.</summary>
    internal (int Width, int Height) PictureSize(int picture)
    {
        ReadOnlySpan<int> record = Record(picture);
        return (record[0], record[1]);
    }

    /// <exception cref="InvalidDataException">A grid is not the one that was written.</exception>
    internal override torch.Tensor Gather(int level, ReadOnlySpan<int> rows)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        int size = LevelSizes[level], bytes = GridLevels.Bytes(size);
        torch.Tensor batch = torch.empty([rows.Length, size, 3, size], torch.uint8);
        try
        {
            // A span has less than 2 GiB.
            int most = int.MaxValue / bytes;
            for (int from = 0; from < rows.Length; from += most)
            {
                int count = Math.Min(most, rows.Length - from);
                using torch.Tensor part = batch.narrow(0, from, count);
                Span<byte> target = part.bytes;
                for (int i = 0; i < count; i++) Row(level, rows[from + i]).CopyTo(target.Slice(i * bytes, bytes));
            }

            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        if (_start is null) return;
        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private ReadOnlySpan<byte> Row(int level, int picture)
    {
        var grid = new ReadOnlySpan<byte>(_start + _layout.RowAt(level, picture), GridLevels.Bytes(LevelSizes[level]));
        ref bool isChecked = ref _isChecked[(level * Count) + picture];
        ReadOnlySpan<int> record = Record(picture);
        if (isChecked || record[0] == 0) return grid;
        isChecked = GridChecksum.Of(grid, record[0], record[1]) == (uint)record[2 + level];
        return isChecked
            ? grid
            : throw new InvalidDataException(
                $"'{_path}' was altered: picture {picture} is not as it was written. Delete the file, and it is made again.");
    }

    private ReadOnlySpan<int> Record(int picture) =>
        MemoryMarshal.Cast<byte, int>(_records.AsSpan(picture * _layout.RecordBytes, _layout.RecordBytes));
}
