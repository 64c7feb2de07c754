using S3L.Core.Backbones;
using S3L.Core.Tests.Methods;
using S3L.Core.Training;

namespace S3L.Core.Tests.Training;

/// <summary>Only the LibTorch engine has bfloat16, and with it another layout of weights in memory.</summary>
public sealed partial class CheckpointTests
{
    [Theory]
    [MemberData(nameof(KnownMethods.Names), MemberType = typeof(KnownMethods))]
    public void A_run_in_bfloat16_that_is_ended_again_and_again_ends_as_one_that_was_not(string name)
    {
        var run = new CheckpointedRun(name) { Options = CheckpointedRun.Plain with { Precision = Precision.BFloat16 } };
        run.EndAndGoOn(EachStep, Ends).MustBe(run.Run());
    }
}
