using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace S3L.Core.Data;

/// <summary>The bytes of one file, in a rented array that goes back on disposal.</summary>
internal readonly struct PooledBytes : IDisposable
{
    /// <summary>No picture file is that large; a header that claims so is damaged.</summary>
    private const long MaximumBytes = 1L << 30;

    private readonly byte[] _array;
    private readonly int _length;

    private PooledBytes(byte[] array, int length)
    {
        _array = array;
        _length = length;
    }

    public Span<byte> Span => _array.AsSpan(0, _length);

    /// <exception cref="InvalidDataException">The length is beyond what is allowed.</exception>
    public static PooledBytes Rent(long length) => length is >= 0 and <= MaximumBytes
        ? new PooledBytes(ArrayPool<byte>.Shared.Rent((int)length), (int)length)
        : throw new InvalidDataException($"a file of {length} bytes is larger than the {MaximumBytes} that are allowed");

    /// <summary>Reads part of a file, without moving any position of its handle.</summary>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    /// <exception cref="InvalidDataException">The length is beyond what is allowed.</exception>
    public static PooledBytes Read(SafeFileHandle handle, long offset, long length)
    {
        PooledBytes bytes = Rent(length);
        try
        {
            for (int total = 0; total < length;)
            {
                int read = RandomAccess.Read(handle, bytes.Span[total..], offset + total);
                if (read == 0)
                    throw new EndOfStreamException($"only {total} of {length} bytes are there");
                total += read;
            }
            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_array);
}
