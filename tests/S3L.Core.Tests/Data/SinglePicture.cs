using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

/// <summary>Decodes bytes the way a user's picture is decoded: as the only file of a folder.</summary>
internal sealed class SinglePicture : IDisposable
{
    public const string Name = "picture.jpg";

    private readonly TemporaryFolder _folder = new();
    private readonly string _path;
    private readonly ImageFolder _images;

    public SinglePicture()
    {
        _path = _folder.Write(Name, []);
        _images = ImageFolder.Open(_folder.Path);
    }

    public RgbImage Decode(byte[] data, int minimumSide = 0)
    {
        File.WriteAllBytes(_path, data);
        return _images.Load(0, minimumSide);
    }

    /// <summary>Why the bytes are refused.</summary>
    public string Refusal(byte[] data, int minimumSide = 0)
    {
        var error = Assert.Throws<UnreadableImageException>(() => Decode(data, minimumSide));
        Assert.Equal(Name, error.PictureName);
        Assert.Equal($"Unreadable picture '{Name}': {error.Reason}.", error.Message);
        return error.Reason;
    }

    public void Dispose()
    {
        _images.Dispose();
        _folder.Dispose();
    }
}
