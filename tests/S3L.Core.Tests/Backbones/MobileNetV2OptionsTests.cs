using S3L.Core.Backbones;

namespace S3L.Core.Tests.Backbones;

public sealed class MobileNetV2OptionsTests
{
    [Fact]
    public void The_default_is_the_papers_network()
    {
        MobileNetV2Options options = MobileNetV2Options.Standard;
        Assert.Equal(new MobileNetV2Options(), options);
        Assert.Equal(("mobilenetv2", 1.0, MobileStem.ImageNet, 5), (options.Name, options.WidthMultiplier, options.Stem, options.StageCount));
    }

    [Fact]
    public void Refuses_what_builds_no_network()
    {
        Refuses(() => new MobileNetV2Options { WidthMultiplier = 0 },
            "WidthMultiplier must be a finite number above 0. (Parameter 'WidthMultiplier')\nActual value was 0.");
        Refuses(() => new MobileNetV2Options { WidthMultiplier = double.PositiveInfinity },
            "WidthMultiplier must be a finite number above 0. (Parameter 'WidthMultiplier')\nActual value was Infinity.");
        Refuses(() => new MobileNetV2Options { StageCount = 0 }, "StageCount must be in [1, 5]. (Parameter 'StageCount')\nActual value was 0.");
        Refuses(() => new MobileNetV2Options { StageCount = 6 }, "StageCount must be in [1, 5]. (Parameter 'StageCount')\nActual value was 6.");
        Refuses(() => new MobileNetV2Options { Stem = (MobileStem)7 },
            "Stem must be one of ImageNet, SmallImage. (Parameter 'Stem')\nActual value was 7.");
    }

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));
}
