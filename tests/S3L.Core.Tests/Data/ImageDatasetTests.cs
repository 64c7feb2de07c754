using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class ImageDatasetTests
{
    [Theory]
    [InlineData(null, 15)]
    [InlineData("train", 15)]
    [InlineData("test", 4)]
    public void Opens_Cifar_where_it_is(string? split, int count)
    {
        using var folder = new TemporaryFolder();
        using var images = Assert.IsType<CifarImages>(ImageDataset.Open(CifarFiles.Ten().WriteAs("tar.gz", folder), split));
        Assert.Equal(count, images.Count);
    }

    [Fact]
    public void Opens_pictures_otherwise()
    {
        using var folder = new TemporaryFolder();
        using var images = Assert.IsType<ImageFolder>(ImageDataset.Open(SourceFiles.TwoClasses().WriteAs("zip", folder), "train"));
        Assert.Equal(5, images.Count);
    }

    [Fact]
    public void A_stray_binary_among_pictures_does_not_make_it_Cifar()
    {
        using var folder = new TemporaryFolder();
        SourceFiles files = SourceFiles.TwoClasses();
        files["test.bin"] = [1];
        using var images = Assert.IsType<ImageFolder>(ImageDataset.Open(files.WriteAs("folder", folder), "test"));
        Assert.Equal(1, images.Count);
    }

    [Fact]
    public void Refuses_other_splits_of_Cifar_and_paths_of_nothing()
    {
        using var folder = new TemporaryFolder();
        string path = CifarFiles.Ten().WriteAs("folder", folder);
        Assert.Equal(
            "split must be 'train' or 'test' for CIFAR, but is 'valid'. (Parameter 'split')",
            Assert.Throws<ArgumentException>(() => ImageDataset.Open(path, "valid")).Message);
        Assert.Throws<FileNotFoundException>(() => ImageDataset.Open(folder.At("nothing")));
    }
}
