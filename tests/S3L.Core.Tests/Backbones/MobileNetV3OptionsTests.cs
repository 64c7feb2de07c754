using S3L.Core.Backbones;

namespace S3L.Core.Tests.Backbones;

public sealed class MobileNetV3OptionsTests
{
    [Fact]
    public void The_default_is_the_large_network()
    {
        var options = new MobileNetV3Options();
        Assert.Equal(("mobilenetv3-large", 16, MobileStem.ImageNet, 5, 5),
            (options.Name, options.StemWidth, options.Stem, options.StageCount, options.FullStageCount));
        Assert.Equal(MobileNetV3Options.Large.Rows, options.Rows);
        Assert.Equal(15, options.Rows.Count);
        Assert.Equal(("mobilenetv3-small", 11, 4), (MobileNetV3Options.Small.Name, MobileNetV3Options.Small.Rows.Count,
            MobileNetV3Options.Small.StageCount));
    }

    [Fact]
    public void A_row_is_by_default_the_first_of_the_large_network() => Assert.Equal(new MobileNetV3Row(), MobileNetV3Options.Large.Rows[0]);

    [Fact]
    public void All_stages_of_other_rows_are_built_unless_a_number_is_given()
    {
        MobileNetV3Options options = MobileNetV3Options.Large with { Rows = [new(), new() { Stride = 2, Width = 24 }, new() { Width = 24 }] };
        Assert.Equal((2, 2), (options.StageCount, options.FullStageCount));
        using var network = new MobileNetV3(options);
        Assert.Equal((2, 144L, 4), (network.StageCount, network.FeatureDimension, network.MinimumResolution));
        Assert.Equal((1, 2), ((options with { StageCount = 1 }).StageCount, (options with { StageCount = 1 }).FullStageCount));
        Refuses(() => new MobileNetV3(options with { StageCount = 3 }),
            "StageCount must be in [1, 2]. (Parameter 'StageCount')\nActual value was 3.");
    }

    [Fact]
    public void Rows_are_the_options_own()
    {
        MobileNetV3Row[] rows = [new()];
        var options = new MobileNetV3Options { Rows = rows };
        rows[0] = new MobileNetV3Row { Width = 40 };
        Assert.Equal(16, options.Rows[0].Width);
    }

    [Fact]
    public void Refuses_what_builds_no_network()
    {
        Refuses(() => new MobileNetV3Options { Rows = [] },
            "Rows must hold at least one element and no null, but is []. (Parameter 'Rows')");
        Refuses(() => new MobileNetV3Options { Rows = null! },
            "Rows must hold at least one element and no null, but is []. (Parameter 'Rows')");
        Refuses(() => new MobileNetV3Options { Rows = [null!] },
            "Rows must hold at least one element and no null, but is []. (Parameter 'Rows')");
        Refuses(() => new MobileNetV3Options { StemWidth = 0 }, "StemWidth must be at least 1. (Parameter 'StemWidth')\nActual value was 0.");
        Refuses(() => new MobileNetV3Options { StageCount = 0 }, "StageCount must be at least 1. (Parameter 'StageCount')\nActual value was 0.");
        Refuses(() => new MobileNetV3Options { Stem = (MobileStem)7 },
            "Stem must be one of ImageNet, SmallImage. (Parameter 'Stem')\nActual value was 7.");
        Refuses(() => new MobileNetV3Row { Kernel = 4 }, "Kernel must be an odd number of at least 1. (Parameter 'Kernel')\nActual value was 4.");
        Refuses(() => new MobileNetV3Row { Kernel = -1 }, "Kernel must be an odd number of at least 1. (Parameter 'Kernel')\nActual value was -1.");
        Refuses(() => new MobileNetV3Row { Expanded = 0 }, "Expanded must be at least 1. (Parameter 'Expanded')\nActual value was 0.");
        Refuses(() => new MobileNetV3Row { Width = 0 }, "Width must be at least 1. (Parameter 'Width')\nActual value was 0.");
        Refuses(() => new MobileNetV3Row { Stride = 3 }, "Stride must be in [1, 2]. (Parameter 'Stride')\nActual value was 3.");
    }

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));
}
