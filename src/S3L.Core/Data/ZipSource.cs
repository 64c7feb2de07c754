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
        var entries = new SortedDictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        ZipArchive? archive = null;
        try
        {
            archive = ZipFile.OpenRead(path);
            // The directory is read here, not when the archive is opened.
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                // Some Windows programs write '\' between the parts.
                string name = entry.FullName.Replace('\\', '/');
                if (!name.EndsWith('/') && Normalise(name) is { } normal)
                    entries[normal] = entry;
            }
        }
        catch (Exception error)
        {
            archive?.Dispose();
            if (error is not InvalidDataException)
                throw;
            throw new InvalidDataException($"'{path}' is not a complete zip archive: {error.Message}", error);
        }
        _archive = archive;
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
