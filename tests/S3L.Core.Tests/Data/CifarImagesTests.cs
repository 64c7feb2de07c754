using System.Text;
using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class CifarImagesTests
{
    public static TheoryData<string> Kinds => [.. SourceFiles.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Cifar10_is_read_from_every_kind_of_source(string kind)
    {
        using var folder = new TemporaryFolder();
        string path = CifarFiles.Ten().WriteAs(kind, folder);
        using var train = CifarImages.Open(path);
        Assert.Equal(15, train.Count);
        Assert.Equal(["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], train.ClassNames);
        Assert.Equal([1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6, 5, 6, 7], Enumerable.Range(0, 15).Select(train.GetLabel));
        Assert.Equal("cifar-10-batches-bin/data_batch_2.bin#1", train.GetName(4));
        CheckPixels(train.Load(4), batch: 2, record: 1);
        CheckPixels(train.Load(14, minimumSide: 8), batch: 5, record: 2);

        using var test = CifarImages.Open(path, train: false);
        Assert.Equal([9, 8, 7, 6], Enumerable.Range(0, test.Count).Select(test.GetLabel));
        CheckPixels(test.Load(3), batch: 6, record: 3);
    }

    [Fact]
    public void Cifar100_is_read_with_its_fine_labels()
    {
        using var folder = new TemporaryFolder();
        SourceFiles files = CifarFiles.Hundred();
        using (var unnamed = CifarImages.Open(files.WriteAs("folder", folder)))
        {
            Assert.Equal([90, 91, 92], Enumerable.Range(0, unnamed.Count).Select(unnamed.GetLabel));
            Assert.Equal(100, unnamed.ClassNames.Count);
            Assert.Equal("42", unnamed.ClassNames[42]);
            CheckPixels(unnamed.Load(2), batch: 0, record: 2);
        }
        string names = string.Join("\r\n", Enumerable.Range(0, 100).Select(label => $"class {label}"));
        files["fine_label_names.txt"] = Encoding.UTF8.GetBytes(names);
        using var named = CifarImages.Open(files.WriteAs("tar", folder), train: false);
        Assert.Equal("class 42", named.ClassNames[named.GetLabel(0)]);
    }

    [Fact]
    public void Missing_batches_are_refused()
    {
        using var folder = new TemporaryFolder();
        SourceFiles files = CifarFiles.Ten();
        files.Remove("cifar-10-batches-bin/data_batch_3.bin");
        files.Remove("cifar-10-batches-bin/data_batch_5.bin");
        string path = files.WriteAs("folder", folder);
        const string prefix = "cifar-10-batches-bin/";
        Assert.Equal(
            $"'{path}' must hold data_batch_3.bin, but holds only {prefix}data_batch_1.bin, {prefix}data_batch_2.bin, "
            + $"{prefix}data_batch_4.bin, {prefix}test_batch.bin.",
            Refusal(path));
    }

    [Fact]
    public void A_source_without_binaries_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("data_batch_1", [1]);
        Assert.Equal(
            $"'{folder.Path}' must hold the binary version of CIFAR: data_batch_1.bin … data_batch_5.bin and test_batch.bin, "
            + "or train.bin and test.bin, "
            + "but holds no .bin files among its 1 files.",
            Refusal(folder.Path));
    }

    [Fact]
    public void Truncated_batches_labels_out_of_range_and_wrong_names_are_refused()
    {
        using var folder = new TemporaryFolder();
        string path = CifarFiles.Hundred().WriteAs("folder", folder), train = Path.Combine(path, "train.bin");
        byte[] whole = File.ReadAllBytes(train);
        File.WriteAllBytes(train, whole[..^1]);
        Assert.Equal("'train.bin' must consist of whole records of 3074 bytes, but holds 9221 bytes. Is it truncated?", Refusal(path));
        File.WriteAllBytes(train, []);
        Assert.Equal("'train.bin' must consist of whole records of 3074 bytes, but holds 0 bytes. Is it truncated?", Refusal(path));
        whole[3074 + 1] = 100;
        File.WriteAllBytes(train, whole);
        Assert.Equal("'train.bin' must hold labels below 100, but record 1 has 100.", Refusal(path));
        whole[3074 + 1] = 99;
        File.WriteAllBytes(train, whole);
        File.WriteAllText(Path.Combine(path, "fine_label_names.txt"), "apple\nbear\n");
        Assert.Equal("'fine_label_names.txt' must name 100 classes, one a line, but holds 2 lines.", Refusal(path));
    }

    [Fact]
    public void Indices_of_no_picture_and_use_after_disposal_are_refused()
    {
        using var folder = new TemporaryFolder();
        var images = CifarImages.Open(CifarFiles.Hundred().WriteAs("folder", folder));
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => images.Load(3)).ParamName);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => images.GetLabel(-1)).ParamName);
        Assert.Equal("minimumSide", Assert.Throws<ArgumentOutOfRangeException>(() => images.Load(0, -1)).ParamName);
        images.Dispose();
        Assert.Throws<ObjectDisposedException>(() => images.Load(0));
    }

    private static string Refusal(string path) => Assert.Throws<InvalidDataException>(() => CifarImages.Open(path)).Message;

    private static void CheckPixels(RgbImage image, int batch, int record)
    {
        Assert.Equal((32, 32), (image.Width, image.Height));
        for (int i = 0; i < 3072; i++)
            Assert.Equal(CifarFiles.Pixel(batch, record, i % 3, i / 3), image.Pixels.Span[i]);
    }
}
