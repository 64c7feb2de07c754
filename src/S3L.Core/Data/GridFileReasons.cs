namespace S3L.Core.Data;

/// <summary>The last part of a cache file: which pictures could not be read, and why. Their records say whether that may pass.</summary>
internal static class GridFileReasons
{
    internal static byte[] ToBytes(IReadOnlyList<UnreadableRow> skipped)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(skipped.Count);
        foreach (UnreadableRow row in skipped)
        {
            writer.Write(row.Index);
            writer.Write(row.Reason);
        }

        writer.Flush();
        return bytes.ToArray();
    }

    /// <param name="bytes">What <see cref="ToBytes"/> gave.</param>
    /// <param name="isTransient">Whether a picture may be readable another time.</param>
    internal static UnreadableRow[] Read(byte[] bytes, Func<int, bool> isTransient)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var skipped = new UnreadableRow[reader.ReadInt32()];
        for (int i = 0; i < skipped.Length; i++)
        {
            int index = reader.ReadInt32();
            skipped[i] = new UnreadableRow(index, reader.ReadString(), isTransient(index));
        }

        return skipped;
    }
}
