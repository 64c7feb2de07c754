namespace S3L.Core.Tests.Data;

/// <summary>Builds the binary files of CIFAR with a few records each.</summary>
internal static class CifarFiles
{
    /// <summary>Records of batch b hold label (b + record) mod 10 and pixels that <see cref="Pixel"/> gives.</summary>
    public static SourceFiles Ten(int records = 3)
    {
        var files = new SourceFiles();
        for (int batch = 1; batch <= 5; batch++)
            files[$"cifar-10-batches-bin/data_batch_{batch}.bin"] = Batch(records, record => [(byte)((batch + record) % 10)], batch);
        files["cifar-10-batches-bin/test_batch.bin"] = Batch(records + 1, record => [(byte)(9 - record)], 6);
        files["cifar-10-batches-bin/batches.meta.txt"] = "plane\ncar\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"u8.ToArray();
        files["cifar-10-batches-bin/readme.html"] = [1];
        return files;
    }

    public static SourceFiles Hundred(int records = 3) => new()
    {
        ["train.bin"] = Batch(records, record => [(byte)record, (byte)(90 + record)], 0),
        ["test.bin"] = Batch(1, _ => [19, 42], 1),
    };

    public static byte Pixel(int batch, int record, int channel, int position) =>
        (byte)((batch * 31) + (record * 7) + (channel * 101) + position);

    private static byte[] Batch(int records, Func<int, byte[]> head, int batch)
    {
        List<byte> data = [];
        for (int record = 0; record < records; record++)
        {
            data.AddRange(head(record));
            for (int i = 0; i < 3 * 1024; i++)
                data.Add(Pixel(batch, record, i / 1024, i % 1024));
        }
        return [.. data];
    }
}
