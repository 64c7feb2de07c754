namespace S3L.Core.Tests.PublicApi;

/// <summary>The public surface of S3L.Torch is the approved text beside this file.</summary>
public sealed class TorchApiTests
{
    [Fact]
    public void S3L_Torch_is_as_approved() => ApprovedApi.Check(typeof(torch).Assembly, "S3L.Torch");
}
