using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace S3L.Core.Data;

/// <summary>A cache file while it is made. Left behind by a killed process, it keeps what was finished.</summary>
internal sealed class GridPartFile : IGridTarget, IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly GridFileHeader _header;
    private readonly GridFileLayout _layout;
    private readonly byte[] _records;

    private GridPartFile(string path, SafeFileHandle file, GridFileHeader header, byte[] records)
    {
        (_path, _file, _header, _records) = (path, file, header, records);
        _layout = header.Layout;
    }

    public IReadOnlyList<int> LevelSizes => _layout.Sizes;

    /// <summary>Goes on with the file that is there, where it is of the same pictures, and makes a new one otherwise.</summary>
    /// <param name="path">The file; the caller sees to it that no other process makes it.</param>
    /// <param name="key">What the file is made of.</param>
    /// <param name="count">M.</param>
    /// <param name="begin">The header of a new file.</param>
    internal static GridPartFile Open(string path, byte[] key, int count, Func<GridFileHeader> begin)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            return GoOn(path, file, key, count) ?? Begin(path, file, begin());
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A picture counts as finished only where its bytes are those that were written: after a power cut some may be missing.</summary>
    public bool Has(int picture, Span<byte> scratch)
    {
        ReadOnlySpan<int> record = Record(picture);
        if (record[0] <= 0) return false;
        for (int level = 0; level < LevelSizes.Count; level++)
        {
            Span<byte> grid = scratch[..GridLevels.Bytes(LevelSizes[level])];
            bool isSame = GridFileHeader.TryRead(_file, grid, _layout.RowAt(level, picture))
                && GridChecksum.Of(grid, record[0], record[1]) == (uint)record[2 + level];
            if (isSame) continue;
            Record(picture).Clear();
            return false;
        }

        return true;
    }

    public void Put(int picture, int width, int height, ReadOnlySpan<byte> levels)
    {
        Span<int> record = Record(picture);
        for (int level = 0; level < LevelSizes.Count; level++)
        {
            ReadOnlySpan<byte> grid = levels[..GridLevels.Bytes(LevelSizes[level])];
            levels = levels[grid.Length..];
            RandomAccess.Write(_file, grid, _layout.RowAt(level, picture));
            record[2 + level] = (int)GridChecksum.Of(grid, width, height);
        }

        // Last, so that what a record vouches for is there.
        (record[0], record[1]) = (width, height);
        RandomAccess.Write(_file, MemoryMarshal.AsBytes(record), _layout.RecordAt(picture));
    }

    /// <summary>Puts the file, complete and on the disk, in the place of any at <paramref name="path"/>.</summary>
    internal void Complete(string path, IReadOnlyList<UnreadableRow> skipped)
    {
        byte[] reasons = GridFileReasons.ToBytes(skipped);
        foreach (UnreadableRow row in skipped)
        {
            Record(row.Index).Clear();
            if (row.IsTransient) Record(row.Index)[1] = GridFileLayout.Transient;
        }

        RandomAccess.Write(_file, _records, GridFileLayout.PageBytes);
        RandomAccess.Write(_file, reasons, _layout.End);
        (_header with { ReasonBytes = reasons.Length, Digest = GridFileHeader.DigestOf(_records, reasons) }).Write(_file);
        RandomAccess.FlushToDisk(_file);
        _file.Dispose();
        File.Move(_path, path, overwrite: true);
    }

    public void Dispose() => _file.Dispose();

    private static GridPartFile? GoOn(string path, SafeFileHandle file, byte[] key, int count)
    {
        try
        {
            GridFileHeader header = GridFileHeader.Read(file, key, count) with { ReasonBytes = -1 };
            byte[] records = new byte[header.Layout.RecordsBytes];
            if (RandomAccess.GetLength(file) < header.Layout.End || !GridFileHeader.TryRead(file, records, GridFileLayout.PageBytes)) return null;
            header.Write(file);
            RandomAccess.SetLength(file, header.Layout.End);
            return new GridPartFile(path, file, header, records);
        }
        catch (InvalidDataException)
        {
            // Of an older format or damaged: nothing is lost but time.
            return null;
        }
    }

    private static GridPartFile Begin(string path, SafeFileHandle file, GridFileHeader header)
    {
        GridFileLayout layout = header.Layout;
        RandomAccess.SetLength(file, 0);
        header.Write(file);
        RandomAccess.SetLength(file, layout.End);
        return new GridPartFile(path, file, header, new byte[layout.RecordsBytes]);
    }

    private Span<int> Record(int picture) =>
        MemoryMarshal.Cast<byte, int>(_records.AsSpan(picture * _layout.RecordBytes, _layout.RecordBytes));
}
