namespace S3L.Core.Data;

/// <summary>Files under one root, be it a folder or an archive, numbered by the ordinal order of their paths.</summary>
internal abstract class FileSource : IDisposable
{
    private const int TarHeaderBytes = 512;

    protected FileSource(string location) => Location = location;

    /// <summary>The path that was opened, for messages.</summary>
    public string Location { get; }

    /// <summary>Whether the files come from an archive, which often wraps its content in a directory of its own.</summary>
    public abstract bool IsArchive { get; }

    /// <summary>Relative paths with '/' between their parts, ordinally sorted, hidden files left out.</summary>
    public abstract IReadOnlyList<string> Paths { get; }

    /// <summary>Reads a whole file. Allows calls from several threads at once.</summary>
    /// <exception cref="IOException">The file cannot be read, or is shorter than it should be.</exception>
    /// <exception cref="InvalidDataException">The archive is damaged there, or the file absurdly large.</exception>
    public abstract PooledBytes Read(int index);

    /// <summary>What a file's content cannot change without: its length and when it was written, or a checksum.</summary>
    public abstract string FactsOf(int index);

    public abstract void Dispose();

    /// <summary>Opens a folder or an archive, whichever the path turns out to be.</summary>
    /// <exception cref="FileNotFoundException">There is nothing at the path.</exception>
    /// <exception cref="InvalidDataException">The file is no archive of a supported kind, or a damaged one.</exception>
    public static FileSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path))
            return new FolderSource(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"path must be that of a folder or an archive, but there is nothing at '{path}'.", path);
        byte[] head = ReadHead(path);
        if (head.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return TarSource.OpenGzip(path);
        if (head.AsSpan().StartsWith("PK\x03\x04"u8) || head.AsSpan().StartsWith("PK\x05\x06"u8))
            return new ZipSource(path);
        if (LooksLikeTar(head))
            return TarSource.OpenPlain(path);
        string found = head.Length == 0
            ? "is empty"
            : $"begins with {BitConverter.ToString(head, 0, Math.Min(head.Length, 8)).Replace('-', ' ')}";
        throw new InvalidDataException(
            $"path must be that of a folder or of a .tar, .tar.gz or .zip archive, but '{path}' {found} and is none of these.");
    }

    /// <summary>Length and time of writing of a file of the file system; of its target where it is a link.</summary>
    protected static string FactsOf(string path)
    {
        FileSystemInfo info = new FileInfo(path);
        if (info.Exists && info.Attributes.HasFlag(FileAttributes.ReparsePoint))
            info = info.ResolveLinkTarget(returnFinalTarget: true) ?? info;
        return info is FileInfo { Exists: true } file
            ? FormattableString.Invariant($"{file.Length} {file.LastWriteTimeUtc.Ticks}")
            : "missing";
    }

    /// <summary>Drops "./" and other empty steps from a path of an archive; null for hidden files and those macOS adds.</summary>
    protected static string? Normalise(string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        parts = Array.FindAll(parts, part => part != ".");
        bool isHidden = parts.Length == 0 || Array.Exists(parts, IsHidden);
        return isHidden ? null : string.Join('/', parts);
    }

    /// <summary>Whether a file or folder of this name is left out.</summary>
    protected static bool IsHidden(string name) => name[0] == '.' || name == "__MACOSX";

    /// <summary>Whether a file begins with a tar header: by its mark, or for the oldest kind by its checksum.</summary>
    private static bool LooksLikeTar(ReadOnlySpan<byte> head)
    {
        if (head.Length < TarHeaderBytes)
            return false;
        if (head[257..].StartsWith("ustar"u8))
            return true;
        const int checksumAt = 148, checksumBytes = 8;
        int stored = 0, sum = checksumBytes * ' ';
        foreach (byte digit in head.Slice(checksumAt, checksumBytes).Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return false;
            stored = (stored * 8) + digit - '0';
        }
        for (int i = 0; i < TarHeaderBytes; i++)
            sum += i is >= checksumAt and < checksumAt + checksumBytes ? 0 : head[i];
        return stored == sum;
    }

    private static byte[] ReadHead(string path)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] head = new byte[TarHeaderBytes];
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }
}
