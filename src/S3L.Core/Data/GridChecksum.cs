using System.Numerics;
using System.Runtime.InteropServices;

namespace S3L.Core.Data;

/// <summary>CRC-32C of one grid and its picture's size: tells whether what is in a file is what was written.</summary>
internal static class GridChecksum
{
    internal static uint Of(ReadOnlySpan<byte> grid, int width, int height)
    {
        uint sum = BitOperations.Crc32C(BitOperations.Crc32C(uint.MaxValue, (uint)width), (uint)height);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(grid);
        foreach (ulong word in words) sum = BitOperations.Crc32C(sum, word);
        foreach (byte rest in grid[(words.Length * sizeof(ulong))..]) sum = BitOperations.Crc32C(sum, rest);
        return sum;
    }
}
