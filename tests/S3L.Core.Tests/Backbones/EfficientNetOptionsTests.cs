using S3L.Core.Backbones;

namespace S3L.Core.Tests.Backbones;

public sealed class EfficientNetOptionsTests
{
    [Fact]
    public void The_default_is_B0()
    {
        var options = new EfficientNetOptions();
        Assert.Equal(("efficientnet-b0", 32, MobileStem.ImageNet, 0.2, 5, 5),
            (options.Name, options.StemWidth, options.Stem, options.StochasticDepth, options.StageCount, options.FullStageCount));
        Assert.Equal(EfficientNetOptions.B0.Rows, options.Rows);
        Assert.Equal((7, 16), (options.Rows.Count, options.Rows.Sum(r => r.Depth)));
        var row = new EfficientNetRow();
        Assert.Equal((6, 3, 1, 16, 1), (row.Expansion, row.Kernel, row.Stride, row.Width, row.Depth));
    }

    [Fact]
    public void All_stages_of_other_rows_are_built_unless_a_number_is_given()
    {
        EfficientNetOptions options = EfficientNetOptions.B0 with { Rows = [new(), new() { Stride = 2, Width = 24, Depth = 2 }] };
        using var network = new EfficientNet(options);
        Assert.Equal((2, 96L, 4), (network.StageCount, network.FeatureDimension, network.MinimumResolution));
        Refuses(() => new EfficientNet(options with { StageCount = 3 }),
            "StageCount must be in [1, 2]. (Parameter 'StageCount')\nActual value was 3.");
    }

    [Fact]
    public void Refuses_what_builds_no_network()
    {
        Refuses(() => new EfficientNetOptions { Rows = [] }, "Rows must hold at least one element and no null, but is []. (Parameter 'Rows')");
        Refuses(() => new EfficientNetOptions { StemWidth = 0 }, "StemWidth must be at least 1. (Parameter 'StemWidth')\nActual value was 0.");
        Refuses(() => new EfficientNetOptions { StageCount = -1 }, "StageCount must be at least 1. (Parameter 'StageCount')\nActual value was -1.");
        Refuses(() => new EfficientNetOptions { Stem = (MobileStem)7 },
            "Stem must be one of ImageNet, SmallImage. (Parameter 'Stem')\nActual value was 7.");
        Refuses(() => new EfficientNetOptions { StochasticDepth = 1.5 },
            "StochasticDepth must be in [0, 1]. (Parameter 'StochasticDepth')\nActual value was 1.5.");
        Refuses(() => new EfficientNetOptions { StochasticDepth = double.NaN },
            "StochasticDepth must be in [0, 1]. (Parameter 'StochasticDepth')\nActual value was NaN.");
        Refuses(() => new EfficientNetRow { Expansion = 0 }, "Expansion must be at least 1. (Parameter 'Expansion')\nActual value was 0.");
        Refuses(() => new EfficientNetRow { Kernel = 2 }, "Kernel must be an odd number of at least 1. (Parameter 'Kernel')\nActual value was 2.");
        Refuses(() => new EfficientNetRow { Stride = 0 }, "Stride must be in [1, 2]. (Parameter 'Stride')\nActual value was 0.");
        Refuses(() => new EfficientNetRow { Width = 0 }, "Width must be at least 1. (Parameter 'Width')\nActual value was 0.");
        Refuses(() => new EfficientNetRow { Depth = 0 }, "Depth must be at least 1. (Parameter 'Depth')\nActual value was 0.");
    }

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));
}
