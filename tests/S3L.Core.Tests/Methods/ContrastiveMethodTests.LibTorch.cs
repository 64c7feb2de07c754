using S3L.Core.Methods;

namespace S3L.Core.Tests.Methods;

/// <summary>What every method promises in bfloat16. Only the LibTorch engine has autocast.</summary>
public sealed partial class ContrastiveMethodTests
{
    [Theory]
    [MemberData(nameof(NamesAndDevices))]
    public void Trains_in_bfloat16_towards_a_loss_in_float32(string name, string device)
    {
        Assert.SkipUnless(device == "cpu" || torch.cuda.is_available(), "There is no CUDA device.");
        torch.Device place = torch.device(device);
        using IContrastiveMethod half = KnownMethods.Create(name, device: place), full = KnownMethods.Create(name, device: place);
        using SGD halfUpdate = Update(half), fullUpdate = Update(full);
        double expected = Step(full, fullUpdate, 0, device: place), actual = Half(0);
        // Eight bits of mantissa, through normalisations over six images; measured 0.009 at most.
        Assert.Equal(expected, actual, 0.05);
        Assert.NotEqual(expected, actual);
        for (int step = 1; step < 4; step++) Assert.True(double.IsFinite(Half(step)));
        Assert.All(half.State.parameters(), p => Assert.Equal(torch.float32, p.dtype));
        Assert.All(half.State.state_dict(), e => Assert.Equal(place.type, e.Value.device_type));

        double Half(int step) =>
            Step(half, halfUpdate, step, device: place, precision: () => torch.autocast(place.type, torch.ScalarType.BFloat16));
    }
}
