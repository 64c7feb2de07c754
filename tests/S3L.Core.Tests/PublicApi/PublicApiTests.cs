using S3L.Core.Training;

namespace S3L.Core.Tests.PublicApi;

/// <summary>The public surface of S3L.Core is the approved text beside this file, whichever engine it is built for.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void S3L_Core_is_as_approved() => ApprovedApi.Check(typeof(Trainer).Assembly, "S3L.Core");
}
