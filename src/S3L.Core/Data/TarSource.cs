using System.Formats.Tar;
using System.IO.Compression;

namespace S3L.Core.Data;

/// <summary>
/// Files of a tar archive, read in place: the archive is walked once for where each file lies.
/// Hard links lead to the file they name; symbolic links, sparse files and devices are left out.
/// </summary>
internal sealed class TarSource : FileSource
{
    private readonly FileStream _stream;
    private readonly string[] _paths;
    private readonly (long Offset, long Length)[] _extents;
    private readonly string _archiveFacts;

    private TarSource(string location, FileStream stream)
        : base(location)
    {
        _stream = stream;
        _archiveFacts = FactsOf(location);
        SortedDictionary<string, (long Offset, long Length)> entries = Index(location, stream);
        _paths = [.. entries.Keys];
        _extents = [.. entries.Values];
    }

    public override bool IsArchive => true;

    public override IReadOnlyList<string> Paths => _paths;

    public static TarSource OpenPlain(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return OpenOrClose(path, stream);
    }

    /// <summary>
    /// Unpacks to a temporary file first, since compressed data has no random access. The file takes the archive's unpacked size in the
    /// system's temporary folder. Its name is gone at once where the system has it so, and its memory with this or with the process, however that
    /// ends; on Windows it is deleted when this is disposed or the process ends in order.
    /// </summary>
    public static TarSource OpenGzip(string path)
    {
        string name = Path.GetFileName(path);
        string unpacked = Path.Combine(Path.GetTempPath(), $"s3l-{name[..Math.Min(name.Length, 40)]}-{Path.GetRandomFileName()}.tar");
        var stream = new FileStream(
            unpacked,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
                BufferSize = 1 << 16,
            });
        if (!OperatingSystem.IsWindows()) File.Delete(unpacked);
        try
        {
            using FileStream compressed = File.OpenRead(path);
            using var unpacking = new GZipStream(compressed, CompressionMode.Decompress);
            unpacking.CopyTo(stream, 1 << 16);
            stream.Flush();
            stream.Position = 0;
        }
        catch (InvalidDataException error)
        {
            stream.Dispose();
            throw new InvalidDataException($"'{path}' is damaged or truncated, it cannot be unpacked: {error.Message}", error);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
        return OpenOrClose(path, stream);
    }

    public override PooledBytes Read(int index) => PooledBytes.Read(_stream.SafeFileHandle, _extents[index].Offset, _extents[index].Length);

    /// <summary>Those of the archive as well, since entries carry no checksum.</summary>
    public override string FactsOf(int index) =>
        FormattableString.Invariant($"{_extents[index].Offset} {_extents[index].Length} in {_archiveFacts}");

    public override void Dispose() => _stream.Dispose();

    private static TarSource OpenOrClose(string path, FileStream stream)
    {
        try
        {
            return new TarSource(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static SortedDictionary<string, (long Offset, long Length)> Index(string location, FileStream stream)
    {
        var entries = new SortedDictionary<string, (long Offset, long Length)>(StringComparer.Ordinal);
        string last = "the first entry";
        try
        {
            using var reader = new TarReader(stream, leaveOpen: true);
            while (reader.GetNextEntry() is { } entry)
            {
                last = $"'{entry.Name}'";
                if (entry.DataOffset >= 0 && entry.DataOffset + entry.Length > stream.Length)
                    throw new EndOfStreamException(
                        $"{last} should end at byte {entry.DataOffset + entry.Length}, but the archive ends at byte {stream.Length}.");
                if (Normalise(entry.Name) is not { } path)
                    continue;
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile)
                    entries[path] = entry.Length == 0 ? (0, 0) : (entry.DataOffset, entry.Length);
                else if (entry.EntryType == TarEntryType.HardLink
                    && Normalise(entry.LinkName) is { } target && entries.TryGetValue(target, out (long, long) extent))
                    entries[path] = extent;
            }
            CheckEnd(stream);
        }
        catch (Exception error) when (error is EndOfStreamException or InvalidDataException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"'{location}' is not a complete tar archive (at {last}): {error.Message}", error);
        }
        return entries;
    }

    /// <summary>
    /// An archive cut off between two entries looks like a shorter one, but for the two blocks of zeros that close every archive. For
    /// compressed
    /// archives this is the only sign: the decompressor takes the end of its data for the end of the stream.
    /// </summary>
    private static void CheckEnd(FileStream stream)
    {
        Span<byte> last = stackalloc byte[2 * 512];
        if (stream.Length < last.Length)
            throw new EndOfStreamException("it is shorter than the two blocks of zeros that close an archive.");
        stream.Position = stream.Length - last.Length;
        stream.ReadExactly(last);
        if (last.ContainsAnyExcept((byte)0))
            throw new EndOfStreamException("it does not end with the two blocks of zeros that close an archive.");
    }
}
