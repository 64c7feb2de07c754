using System.Formats.Tar;
using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class ImageFolderRefusalTests
{
    private static readonly byte[] s_picture = DecodingFixtures.Read("rgb-8.png");

    [Fact]
    public void A_path_where_nothing_is_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("nothing");
        var error = Assert.Throws<FileNotFoundException>(() => ImageFolder.Open(path));
        Assert.Equal($"path must be that of a folder or an archive, but there is nothing at '{path}'.", error.Message);
        Assert.Throws<ArgumentException>(() => ImageFolder.Open(" "));
        Assert.Throws<ArgumentNullException>(() => ImageFolder.Open(null!));
    }

    [Fact]
    public void A_file_that_is_no_archive_is_refused()
    {
        using var folder = new TemporaryFolder();
        string picture = folder.Write("a.tar", s_picture), empty = folder.Write("b.zip", []);
        Assert.Equal(
            $"path must be that of a folder or of a .tar, .tar.gz or .zip archive, but '{picture}' "
            + "begins with 89 50 4E 47 0D 0A 1A 0A and is none of these.",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Open(picture)).Message);
        Assert.Equal(
            $"path must be that of a folder or of a .tar, .tar.gz or .zip archive, but '{empty}' is empty and is none of these.",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Open(empty)).Message);
    }

    [Fact]
    public void A_source_without_pictures_is_refused_with_what_it_holds()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At("empty"));
        folder.Write("one/notes.txt", [1]);
        folder.Write("several/b.gif", [1]);
        folder.Write("several/a.bmp", [1]);
        folder.Write("split/train/a.txt", [1]);
        static string Refusal(string path, string? split = null) =>
            Assert.Throws<InvalidDataException>(() => ImageFolder.Open(path, split)).Message;
        const string wanted = "must hold pictures (.jpg, .jpeg, .png, .webp), but";
        Assert.Equal($"'{folder.At("empty")}' {wanted} it holds no files.", Refusal(folder.At("empty")));
        Assert.Equal($"'{folder.At("one")}' {wanted} it holds only 'notes.txt'.", Refusal(folder.At("one")));
        Assert.Equal(
            $"'{folder.At("several")}' {wanted} it holds 2 other files, the first of them 'a.bmp'.", Refusal(folder.At("several")));
        Assert.Equal($"'train/' of '{folder.At("split")}' {wanted} it holds only 'train/a.txt'.", Refusal(folder.At("split"), "train"));
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("zip")]
    public void A_wrong_split_is_refused_with_those_there_are(string kind)
    {
        using var folder = new TemporaryFolder();
        string path = SourceFiles.TwoClasses().WriteAs(kind, folder);
        Assert.Equal(
            $"split must name a folder of '{path}', but 'trian' is not one: its folders are 'test', 'train'. (Parameter 'split')",
            Assert.Throws<ArgumentException>(() => ImageFolder.Open(path, "trian")).Message);
        Assert.Throws<ArgumentException>(() => ImageFolder.Open(path, "tra"));
        Assert.Throws<ArgumentException>(() => ImageFolder.Open(path, ""));
    }

    [Fact]
    public void A_split_of_a_source_without_folders_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.png", s_picture);
        Assert.Equal(
            $"split must name a folder of '{folder.Path}', but 'train' is not one: it has no folders. (Parameter 'split')",
            Assert.Throws<ArgumentException>(() => ImageFolder.Open(folder.Path, "train")).Message);
    }

    [Fact]
    public void A_long_list_of_splits_is_shortened()
    {
        using var folder = new TemporaryFolder();
        for (int i = 10; i < 23; i++)
            folder.Write($"part{i}/a.png", s_picture);
        string message = Assert.Throws<ArgumentException>(() => ImageFolder.Open(folder.Path, "train")).Message;
        Assert.EndsWith("'part18', 'part19' and 3 more. (Parameter 'split')", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("tar")]
    public void Pictures_in_folders_and_beside_them_are_refused(string kind)
    {
        using var folder = new TemporaryFolder();
        string path = new SourceFiles { ["cat/1.png"] = s_picture, ["stray.png"] = s_picture }.WriteAs(kind, folder);
        Assert.Equal(
            $"The pictures of '{path}' must lie either all in class folders or all beside one another, but "
            + "'cat/1.png' lies in a folder and "
            + "'stray.png' does not. Open with ignoreFolders: true to take them all as unlabelled.",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Open(path)).Message);
        using var images = ImageFolder.Open(path, ignoreFolders: true);
        Assert.Equal(2, images.Count);
    }

    [Fact]
    public void A_truncated_tar_is_refused_wherever_it_ends()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = File.ReadAllBytes(SourceFiles.TwoClasses().WriteAs("tar", folder));
        string path = folder.At("cut.tar");
        for (int length = 512; length < whole.Length - 1024; length += 128)
        {
            File.WriteAllBytes(path, whole[..length]);
            var error = Assert.Throws<InvalidDataException>(() => ImageFolder.Open(path, ignoreFolders: true));
            Assert.StartsWith($"'{path}' is not a complete tar archive (at ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_tar_cut_off_inside_a_picture_says_where()
    {
        using var folder = new TemporaryFolder();
        var files = new SourceFiles { ["a/1.png"] = new byte[5000] };
        string path = files.WriteTar(folder.At("a.tar"), "", TarEntryFormat.Ustar);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..2000]);
        Assert.Equal(
            $"'{path}' is not a complete tar archive (at 'a/1.png'): 'a/1.png' should end at byte 5512, but the archive ends at byte 2000.",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Open(path)).Message);
    }

    [Theory]
    [InlineData("tar.gz", "is not a complete tar archive (at ")]
    [InlineData("zip", "is not a complete zip archive: ")]
    public void Other_truncated_archives_are_refused(string kind, string reason)
    {
        using var folder = new TemporaryFolder();
        string path = SourceFiles.TwoClasses().WriteAs(kind, folder);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^600]);
        Assert.StartsWith(
            $"'{path}' {reason}", Assert.Throws<InvalidDataException>(() => ImageFolder.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_archive_with_a_damaged_directory_is_refused_and_let_go_of()
    {
        using var folder = new TemporaryFolder();
        string path = SourceFiles.TwoClasses().WriteAs("zip", folder);
        byte[] data = File.ReadAllBytes(path);
        data.AsSpan(data.AsSpan().IndexOf("PK\x01\x02"u8), 4).Clear();
        File.WriteAllBytes(path, data);
        Assert.StartsWith(
            $"'{path}' is not a complete zip archive: ", Assert.Throws<InvalidDataException>(() => ImageFolder.Open(path)).Message,
            StringComparison.Ordinal);
        using FileStream alone = File.Open(path, FileMode.Open, FileAccess.Read, FileShare.None);
    }

    [Fact]
    public void A_damaged_compressed_archive_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = SourceFiles.TwoClasses().WriteAs("tar.gz", folder);
        byte[] data = File.ReadAllBytes(path);
        data.AsSpan(100, 50).Fill(0xFF);
        File.WriteAllBytes(path, data);
        Assert.StartsWith(
            $"'{path}' is damaged or truncated, it cannot be unpacked: ",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_file_that_is_no_tar_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = SourceFiles.Compress(folder.Write("a", s_picture));
        Assert.StartsWith(
            $"'{path}' is not a complete tar archive (at the first entry): ",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_vanished_is_unreadable()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.png", s_picture);
        using var images = ImageFolder.Open(folder.Path);
        File.Delete(path);
        var error = Assert.Throws<UnreadableImageException>(() => images.Load(0));
        Assert.StartsWith("Unreadable picture 'a.png': its bytes cannot be read (", error.Message, StringComparison.Ordinal);
        Assert.IsType<FileNotFoundException>(error.InnerException);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public void A_damaged_entry_of_a_zip_is_unreadable_alone()
    {
        using var folder = new TemporaryFolder();
        string path = new SourceFiles { ["a.png"] = s_picture, ["b.png"] = s_picture }.WriteAs("zip", folder);
        byte[] zip = File.ReadAllBytes(path);
        zip.AsSpan(40, 60).Fill(0xFF);
        File.WriteAllBytes(path, zip);
        using var images = ImageFolder.Open(path);
        var error = Assert.Throws<UnreadableImageException>(() => images.Load(0));
        Assert.StartsWith("Unreadable picture 'a.png': ", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
        PixelAssert.Same(DecodingFixtures.ReadPpm("rgb-8"), images.Load(1));
    }

    [Theory]
    [InlineData("tar")]
    [InlineData("zip")]
    public void Nothing_can_be_loaded_after_disposal(string kind)
    {
        using var folder = new TemporaryFolder();
        var images = ImageFolder.Open(SourceFiles.TwoClasses().WriteAs(kind, folder), ignoreFolders: true);
        images.Dispose();
        Assert.Throws<ObjectDisposedException>(() => images.Load(0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Indices_of_no_picture_are_refused(int index)
    {
        using var folder = new TemporaryFolder();
        folder.Write("cat/a.png", s_picture);
        using var images = ImageFolder.Open(folder.Path);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => images.Load(index)).ParamName);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => images.GetLabel(index)).ParamName);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => images.GetName(index)).ParamName);
    }
}
