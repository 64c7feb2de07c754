using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace S3L.Core.Data;

/// <summary>The first bytes of a cache file: little-endian, and vouching for themselves and, once complete, for records and reasons.</summary>
/// <param name="Key">What the file was made of and how: 32 bytes.</param>
/// <param name="Count">M: pictures of the data set.</param>
/// <param name="GridSize">G.</param>
/// <param name="LowestResolution">What the levels go down to.</param>
internal sealed record GridFileHeader(byte[] Key, int Count, int GridSize, int LowestResolution)
{
    /// <summary>Changes with everything that makes older files unusable, what the pixels are included.</summary>
    internal const int Version = 1;

    /// <summary>The longest list of reasons that is kept in memory.</summary>
    private const int MostReasonBytes = 1 << 30;
    private const int Signed = 92;
    private const int Bytes = Signed + SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "S3LGRIDS"u8;

    /// <summary>Bytes of the reasons; -1 while the file is made.</summary>
    internal int ReasonBytes { get; init; } = -1;

    /// <summary>SHA-256 of records and reasons.</summary>
    internal byte[] Digest { get; init; } = new byte[SHA256.HashSizeInBytes];

    internal GridFileLayout Layout => new(Count, GridLevels.Sizes(GridSize, LowestResolution));

    internal static byte[] DigestOf(ReadOnlySpan<byte> records, ReadOnlySpan<byte> reasons)
    {
        using var hash = new ContentHash();
        return hash.Add(records).Add(reasons).ToBytes();
    }

    /// <summary>Reads a header of these pictures, complete or not.</summary>
    /// <exception cref="InvalidDataException">There is none; the message says why, as the end of a sentence.</exception>
    internal static GridFileHeader Read(SafeFileHandle file, byte[] key, int count)
    {
        byte[] bytes = new byte[Bytes];
        if (!TryRead(file, bytes, 0) || !bytes.AsSpan().StartsWith(Magic)) throw new InvalidDataException("it is no cache file");
        int version = Number(8);
        if (version != Version) throw new InvalidDataException($"it has version {version} of the format, not {Version}");
        if (!SHA256.HashData(bytes.AsSpan(0, Signed)).AsSpan().SequenceEqual(bytes.AsSpan(Signed)))
        {
            throw new InvalidDataException("its header is damaged");
        }

        var header = new GridFileHeader(bytes[12..44], Number(44), Number(48), Number(52))
        {
            ReasonBytes = Number(56),
            Digest = bytes[60..92],
        };
        bool isOfThese = header.Key.AsSpan().SequenceEqual(key) && header.Count == count && header.GridSize > 0 && header.LowestResolution > 0
            && header.ReasonBytes <= MostReasonBytes;
        return isOfThese ? header : throw new InvalidDataException("it is of other pictures");

        int Number(int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
    }

    internal void Write(SafeFileHandle file)
    {
        byte[] bytes = new byte[Bytes];
        Magic.CopyTo(bytes);
        Key.CopyTo(bytes, 12);
        Digest.CopyTo(bytes, 60);
        foreach ((int at, int value) in ((int, int)[])[(8, Version), (44, Count), (48, GridSize), (52, LowestResolution), (56, ReasonBytes)])
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        }

        SHA256.HashData(bytes.AsSpan(0, Signed), bytes.AsSpan(Signed));
        RandomAccess.Write(file, bytes, 0);
    }

    /// <summary>Fills a buffer from a file; false where the file ends before.</summary>
    internal static bool TryRead(SafeFileHandle file, Span<byte> buffer, long at)
    {
        while (buffer.Length > 0)
        {
            int read = RandomAccess.Read(file, buffer, at);
            if (read == 0) return false;
            buffer = buffer[read..];
            at += read;
        }

        return true;
    }
}
