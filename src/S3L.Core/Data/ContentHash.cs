using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace S3L.Core.Data;

/// <summary>SHA-256 over a row of values, each told apart from its neighbours.</summary>
internal sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    internal ContentHash Add(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        _hash.AppendData(bytes);
        return this;
    }

    internal ContentHash Add(string text) => Add(Encoding.UTF8.GetBytes(text));

    internal ContentHash Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        _hash.AppendData(bytes);
        return this;
    }

    internal byte[] ToBytes() => _hash.GetHashAndReset();

    /// <summary>The hash as 64 digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes());

    public void Dispose() => _hash.Dispose();
}
