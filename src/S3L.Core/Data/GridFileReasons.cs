namespace S3L.Core.Data;

/// <summary>The last part of a cache file: which pictures could not be read, and why.</summary>
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

    internal static UnreadableRow[] Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var skipped = new UnreadableRow[reader.ReadInt32()];
        for (int i = 0; i < skipped.Length; i++) skipped[i] = new UnreadableRow(reader.ReadInt32(), reader.ReadString());
        return skipped;
    }
}
