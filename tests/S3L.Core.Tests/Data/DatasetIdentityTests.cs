using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

/// <summary>What a cache file is known by.</summary>
public sealed class DatasetIdentityTests : IDisposable
{
    private static readonly DateTime s_written = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => [.. SourceFiles.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_same_files_have_the_same_identity_and_a_changed_one_another(string kind)
    {
        SourceFiles files = SourceFiles.TwoClasses();
        string before = IdentityOf(kind, files);
        Assert.Equal(before, IdentityOf(_folder.At(kind == "folder" ? "files" : $"files.{kind}")));

        // As long as before, but written later.
        files["train/dog/a.jpg"][^1] ^= 1;
        Assert.NotEqual(before, IdentityOf(kind, files, s_written.AddSeconds(1)));
        files["train/dog/a.jpg"][^1] ^= 1;
        files.Remove("train/dog/b.PNG");
        Assert.NotEqual(before, IdentityOf(kind, files));
    }

    [Fact]
    public void A_checksum_of_a_zip_archive_needs_no_time()
    {
        SourceFiles files = SourceFiles.TwoClasses();
        string before = IdentityOf("zip", files);
        Assert.Equal(before, IdentityOf("zip", files, s_written.AddSeconds(1)));
        files["train/dog/a.jpg"][^1] ^= 1;
        Assert.NotEqual(before, IdentityOf("zip", files));
    }

    [Fact]
    public void The_place_of_a_folder_does_not_matter_but_the_split_does()
    {
        SourceFiles files = SourceFiles.TwoClasses();
        string before = IdentityOf("folder", files);
        Directory.Move(_folder.At("files"), _folder.At("moved"));
        using ImageFolder moved = ImageFolder.Open(_folder.At("moved"), "train"), test = ImageFolder.Open(_folder.At("moved"), "test");
        Assert.Equal(before, moved.Identity);
        Assert.NotEqual(before, test.Identity);
    }

    [Fact]
    public void A_link_is_known_by_the_file_that_it_leads_to()
    {
        string target = _folder.Write("elsewhere/a.jpg", DecodingFixtures.Read("rgb-444.jpg"));
        Directory.CreateDirectory(_folder.At("pictures"));
        File.CreateSymbolicLink(_folder.At("pictures/a.jpg"), target);
        using ImageFolder images = ImageFolder.Open(_folder.At("pictures"));
        string before = images.Identity;
        File.SetLastWriteTimeUtc(target, s_written);
        Assert.NotEqual(before, images.Identity);
        File.Delete(target);
        Assert.StartsWith("files ", images.Identity, StringComparison.Ordinal);
    }

    [Fact]
    public void Cifar_is_known_by_its_bytes()
    {
        string path = CifarFiles.Ten().WriteAs("folder", _folder);
        using CifarImages train = CifarImages.Open(path), again = CifarImages.Open(path), test = CifarImages.Open(path, train: false);
        Assert.Equal(train.Identity, again.Identity);
        Assert.NotEqual(train.Identity, test.Identity);
        test.Dispose();
        Assert.Throws<ObjectDisposedException>(() => test.Identity);
    }

    [Fact]
    public void Synthetic_pictures_are_known_by_their_options()
    {
        var options = new SyntheticImagesOptions { Count = 10, Size = 16 };
        string identity = new SyntheticImages(options).Identity;
        Assert.Equal(identity, new SyntheticImages(options).Identity);
        foreach (SyntheticImagesOptions other in (SyntheticImagesOptions[])
            [options with { Count = 11 }, options with { Size = 17 }, options with { Seed = 1 }])
        {
            Assert.NotEqual(identity, new SyntheticImages(other).Identity);
        }
    }

    [Fact]
    public void A_subset_is_known_by_its_source_and_its_choice()
    {
        IImageDataset source = new ProbedImages(10), other = new ProbedImages(10, "other"), none = new ProbedImages(10, null);
        string? identity = new ImageSubset(source, [3, 1]).Identity;
        Assert.NotNull(identity);
        Assert.Equal(identity, new ImageSubset(source, [3, 1]).Identity);
        Assert.NotEqual(identity, new ImageSubset(source, [1, 3]).Identity);
        Assert.NotEqual(identity, new ImageSubset(other, [3, 1]).Identity);
        Assert.Null(new ImageSubset(none, [3, 1]).Identity);
    }

    [Fact]
    public void Pictures_in_memory_have_none() => Assert.Null(((IImageDataset)new InMemoryImages([new RgbImage(1, 1, new byte[3])])).Identity);

    public void Dispose() => _folder.Dispose();

    private string IdentityOf(string kind, SourceFiles files, DateTime? written = null)
    {
        if (Directory.Exists(_folder.At("files"))) Directory.Delete(_folder.At("files"), recursive: true);
        if (kind == "zip") File.Delete(_folder.At("files.zip"));
        string path = files.WriteAs(kind, _folder);
        string[] all = Directory.Exists(path) ? Directory.GetFiles(path, "*", SearchOption.AllDirectories) : [path];
        foreach (string file in all) File.SetLastWriteTimeUtc(file, written ?? s_written);
        return IdentityOf(path);
    }

    private static string IdentityOf(string path)
    {
        using ImageFolder images = ImageFolder.Open(path, "train");
        return images.Identity;
    }
}
