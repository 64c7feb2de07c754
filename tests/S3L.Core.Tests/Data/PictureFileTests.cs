using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class PictureFileTests
{
    private static byte[] File(string name) => System.IO.File.ReadAllBytes(RepositoryFiles.PathTo("tests", "Parity", "decoding", "files", name));

    [Fact]
    public void A_file_in_memory_is_decoded_as_one_in_a_folder_is()
    {
        using ImageFolder folder = ImageFolder.Open(RepositoryFiles.PathTo("tests", "Parity", "decoding", "files"));
        int index = Enumerable.Range(0, folder.Count).Single(i => folder.GetName(i) == "turned-6.jpg");
        RgbImage image = PictureFile.Decode(File("turned-6.jpg"));
        Assert.Equal(folder.Load(index).Pixels.ToArray(), image.Pixels.ToArray());
    }

    [Fact]
    public void A_large_photograph_may_be_decoded_at_a_reduced_scale()
    {
        RgbImage whole = PictureFile.Decode(File("large.jpg")), reduced = PictureFile.Decode(File("large.jpg"), minimumSide: 16);
        Assert.Equal((whole.Width, whole.Height), (reduced.SourceWidth, reduced.SourceHeight));
        Assert.InRange(reduced.Width, 16, whole.Width - 1);
    }

    [Fact]
    public void What_is_no_picture_is_refused()
    {
        Assert.Equal("Unreadable picture: the file is empty.", Assert.Throws<UnreadableImageException>(() => PictureFile.Decode([])).Message);
        Assert.Equal("minimumSide must be at least 0. (Parameter 'minimumSide')\nActual value was -1.",
            Assert.Throws<ArgumentOutOfRangeException>(() => PictureFile.Decode(File("rgb-8.png"), -1)).Message);
    }
}
