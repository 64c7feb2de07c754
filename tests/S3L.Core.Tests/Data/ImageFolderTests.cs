using System.Formats.Tar;
using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class ImageFolderTests
{
    public static TheoryData<string> Kinds => [.. SourceFiles.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_source_gives_the_same_pictures(string kind)
    {
        using var folder = new TemporaryFolder();
        using var images = ImageFolder.Open(SourceFiles.TwoClasses().WriteAs(kind, folder), split: "train");
        Assert.Equal(5, images.Count);
        Assert.Equal(["cat", "cat-like", "dog"], images.ClassNames);
        Assert.Equal(
            ["train/cat-like/x.jpg", "train/cat/a.webp", "train/cat/sub/deep.jpeg", "train/dog/a.jpg", "train/dog/b.PNG"],
            Enumerable.Range(0, 5).Select(images.GetName));
        Assert.Equal([1, 0, 0, 2, 2], Enumerable.Range(0, 5).Select(images.GetLabel));
        PixelAssert.Same(DecodingFixtures.ReadPpm("rgb-8"), images.Load(4));
        PixelAssert.Same(DecodingFixtures.ReadPpm("lossless"), images.Load(1));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Pictures_side_by_side_are_unlabelled(string kind)
    {
        using var folder = new TemporaryFolder();
        var files = new SourceFiles { ["b.jpg"] = DecodingFixtures.Read("gray.jpg"), ["a.png"] = DecodingFixtures.Read("rgb-8.png") };
        string path = files.WriteAs(kind, folder);
        using var images = ImageFolder.Open(path);
        Assert.Empty(images.ClassNames);
        Assert.Equal(["a.png", "b.jpg"], Enumerable.Range(0, images.Count).Select(images.GetName));
        var error = Assert.Throws<InvalidOperationException>(() => images.GetLabel(0));
        Assert.Equal($"The pictures of '{path}' have no labels: they were not read from class folders.", error.Message);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Folders_are_ignored_on_request(string kind)
    {
        using var folder = new TemporaryFolder();
        using var images = ImageFolder.Open(SourceFiles.TwoClasses().WriteAs(kind, folder), ignoreFolders: true);
        Assert.Equal(6, images.Count);
        Assert.Empty(images.ClassNames);
    }

    [Theory]
    [InlineData("tar")]
    [InlineData("tar.gz")]
    [InlineData("zip")]
    public void A_directory_that_wraps_a_whole_archive_is_looked_into(string kind)
    {
        using var folder = new TemporaryFolder();
        string path = SourceFiles.TwoClasses().WriteAs(kind, folder, prefix: "pets-1.0/");
        using (var train = ImageFolder.Open(path, split: "train"))
        {
            Assert.Equal(["cat", "cat-like", "dog"], train.ClassNames);
            Assert.Equal("pets-1.0/train/cat-like/x.jpg", train.GetName(0));
        }
        using (var whole = ImageFolder.Open(path))
            Assert.Equal(["test", "train"], whole.ClassNames);
        using (var named = ImageFolder.Open(path, split: "pets-1.0/test"))
            Assert.Equal(1, named.Count);
    }

    [Fact]
    public void A_directory_of_pictures_alone_is_a_class_even_where_it_wraps_the_archive()
    {
        using var folder = new TemporaryFolder();
        var files = new SourceFiles { ["tulips/1.jpg"] = DecodingFixtures.Read("gray.jpg") };
        using var images = ImageFolder.Open(files.WriteAs("zip", folder));
        Assert.Equal(["tulips"], images.ClassNames);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("/train/")]
    [InlineData("train/cat")]
    [InlineData("train\\cat")]
    public void A_split_may_be_written_in_several_ways(string split)
    {
        using var folder = new TemporaryFolder();
        var files = new SourceFiles { ["train/cat/x/1.jpg"] = DecodingFixtures.Read("gray.jpg") };
        using var images = ImageFolder.Open(files.WriteAs("folder", folder), split);
        Assert.Equal([split.Contains("cat", StringComparison.Ordinal) ? "x" : "cat"], images.ClassNames);
    }

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Pax)]
    public void Every_format_of_tar_is_read(TarEntryFormat format)
    {
        using var folder = new TemporaryFolder();
        string path = SourceFiles.TwoClasses().WriteTar(folder.At("without-extension"), "./", format);
        using var images = ImageFolder.Open(path, split: "train");
        Assert.Equal("train/cat-like/x.jpg", images.GetName(0));
        PixelAssert.Same(DecodingFixtures.ReadPpm("rgb-8"), images.Load(4));
    }

    [Theory]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Pax)]
    public void Long_names_and_foreign_letters_in_a_tar_are_kept(TarEntryFormat format)
    {
        using var folder = new TemporaryFolder();
        string name = $"Füße/{new string('x', 180)}.png";
        var files = new SourceFiles { [name] = DecodingFixtures.Read("rgb-8.png") };
        using var images = ImageFolder.Open(files.WriteTar(folder.At("a.tar"), "", format));
        Assert.Equal(name, images.GetName(0));
        PixelAssert.Same(DecodingFixtures.ReadPpm("rgb-8"), images.Load(0));
    }

    [Fact]
    public void Links_in_a_tar_lead_to_their_file_or_are_left_out()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("a.tar");
        using (var writer = new TarWriter(File.Create(path)))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "a"));
            writer.WriteEntry(Picture("a/1.png", "rgb-8.png"));
            writer.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "a/2.png") { LinkName = "a/1.png" });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "a/3.png") { LinkName = "a/none.png" });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "a/4.png") { LinkName = "1.png" });
        }
        using var images = ImageFolder.Open(path);
        Assert.Equal(["a/1.png", "a/2.png"], Enumerable.Range(0, images.Count).Select(images.GetName));
        PixelAssert.Same(images.Load(0), images.Load(1));
    }

    [Fact]
    public void Of_two_entries_of_one_name_the_later_counts()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("a.tar");
        using (var writer = new TarWriter(File.Create(path)))
            foreach (string file in (string[])["gray-8.png", "rgb-8.png"])
                writer.WriteEntry(Picture("1.png", file));
        using var images = ImageFolder.Open(path);
        PixelAssert.Same(DecodingFixtures.ReadPpm("rgb-8"), images.Load(0));
        Assert.Equal(1, images.Count);
    }

    [Fact]
    public void Links_in_a_folder_are_followed_but_never_in_a_circle()
    {
        using var folder = new TemporaryFolder();
        folder.Write("elsewhere/1.png", DecodingFixtures.Read("rgb-8.png"));
        folder.Write("root/dog/2.png", DecodingFixtures.Read("rgb-8.png"));
        Directory.CreateSymbolicLink(folder.At("root/cat"), folder.At("elsewhere"));
        Directory.CreateSymbolicLink(folder.At("root/dog/again"), folder.At("root"));
        using var images = ImageFolder.Open(folder.At("root"));
        Assert.Equal(["cat/1.png", "dog/2.png"], Enumerable.Range(0, images.Count).Select(images.GetName));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Loading_from_several_threads_gives_what_loading_in_turn_gives(string kind)
    {
        using var folder = new TemporaryFolder();
        using var images = ImageFolder.Open(SourceFiles.TwoClasses().WriteAs(kind, folder), ignoreFolders: true);
        RgbImage[] expected = [.. Enumerable.Range(0, images.Count).Select(index => images.Load(index))];
        Parallel.For(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 8 }, turn =>
            PixelAssert.Same(expected[turn % expected.Length], images.Load(turn % expected.Length)));
    }

    [Fact]
    public void What_a_compressed_archive_is_unpacked_to_is_not_left_behind()
    {
        using var folder = new TemporaryFolder();
        string name = Guid.NewGuid().ToString("N");
        string path = SourceFiles.Compress(SourceFiles.TwoClasses().WriteTar(folder.At(name)));
        string[] Unpacked() => Directory.GetFiles(Path.GetTempPath(), $"s3l-{name}*.tar");
        using (ImageFolder images = ImageFolder.Open(path, split: "train"))
        {
            // Where a file may lose its name while it is open, a process that is ended now leaves nothing either.
            Assert.Equal(OperatingSystem.IsWindows() ? 1 : 0, Unpacked().Length);
            PixelAssert.Same(DecodingFixtures.ReadPpm("rgb-8"), images.Load(4));
        }

        Assert.Throws<ArgumentException>(() => ImageFolder.Open(path, split: "none"));
        Assert.Empty(Unpacked());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void One_unreadable_picture_leaves_the_others_readable(string kind)
    {
        using var folder = new TemporaryFolder();
        var files = new SourceFiles { ["a.jpg"] = [], ["b.png"] = DecodingFixtures.Read("rgb-8.png") };
        using var images = ImageFolder.Open(files.WriteAs(kind, folder));
        var error = Assert.Throws<UnreadableImageException>(() => images.Load(0));
        Assert.Equal("Unreadable picture 'a.jpg': the file is empty.", error.Message);
        PixelAssert.Same(DecodingFixtures.ReadPpm("rgb-8"), images.Load(1));
    }

    private static PaxTarEntry Picture(string name, string fixture) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(DecodingFixtures.Read(fixture)) };
}
