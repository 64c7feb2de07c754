using System.IO.Compression;

namespace S3L.Core.Data;

/// <summary>Files of a zip archive. They are unpacked one at a time, since the archive has one position; decoding runs beside it.</summary>
internal sealed class ZipSource : FileSource
{
    private readonly Lock _gate = new();
    private readonly ZipArchive _archive;
    private readonly string[] _paths;
    private readonly ZipArchiveEntry[] _entries;

    public ZipSource(string path)
        : base(path)
    {
        try
        {
            _archive = ZipFile.OpenRead(path);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"'{path}' is not a complete zip archive: {error.Message}", error);
        }
        var entries = new SortedDictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in _archive.Entries)
        {
            // Some Windows programs write '\' between the parts.
            string name = entry.FullName.Replace('\\', '/');
            if (!name.EndsWith('/') && Normalise(name) is { } normal)
                entries[normal] = entry;
        }
        _paths = [.. entries.Keys];
        _entries = [.. entries.Values];
    }

    public override bool IsArchive => true;

    public override IReadOnlyList<string> Paths => _paths;

    public override PooledBytes Read(int index)
    {
        lock (_gate)
        {
            PooledBytes bytes = PooledBytes.Rent(_entries[index].Length);
            try
            {
                using Stream stream = _entries[index].Open();
                stream.ReadExactly(bytes.Span);
                return bytes;
            }
            catch (EndOfStreamException error)
            {
                // The file itself does not end there.
                bytes.Dispose();
                throw new InvalidDataException("its compressed data ends too early", error);
            }
            catch
            {
                bytes.Dispose();
                throw;
            }
        }
    }

    public override string FactsOf(int index) => FormattableString.Invariant($"{_entries[index].Length} {_entries[index].Crc32}");

    public override void Dispose()
    {
        lock (_gate)
            _archive.Dispose();
    }
}
