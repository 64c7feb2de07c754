using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class UnreadableImageExceptionTests
{
    [Fact]
    public void Says_which_picture_and_why()
    {
        var cause = new IOException("no");
        var error = new UnreadableImageException("cat/1.jpg", "the file is empty", cause);
        Assert.Equal("Unreadable picture 'cat/1.jpg': the file is empty.", error.Message);
        Assert.Equal(("cat/1.jpg", "the file is empty"), (error.PictureName, error.Reason));
        Assert.Same(cause, error.InnerException);
    }

    [Fact]
    public void Says_why_alone_where_only_bytes_are_known() =>
        Assert.Equal("Unreadable picture: the file is empty.", new UnreadableImageException(null, "the file is empty").Message);
}
