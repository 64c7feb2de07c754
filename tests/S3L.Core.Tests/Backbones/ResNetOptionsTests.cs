using S3L.Core.Backbones;

namespace S3L.Core.Tests.Backbones;

public sealed class ResNetOptionsTests
{
    [Fact]
    public void The_default_is_a_plain_ResNet18()
    {
        var options = new ResNetOptions();
        Assert.Equal("resnet18", options.Name);
        Assert.Equal(ResNetBlock.Basic, options.Block);
        Assert.Equal([2, 2, 2, 2], options.Depths);
        Assert.Equal((64, 4, false, ResNetStem.ImageNet), (options.Width, options.StageCount, options.ZeroInitResidual, options.Stem));
    }

    [Fact]
    public void Refuses_what_builds_no_network()
    {
        Refuses(() => new ResNetOptions { Width = 0 }, "Width must be at least 1. (Parameter 'Width')\nActual value was 0.");
        Refuses(() => new ResNetOptions { StageCount = 0 }, "StageCount must be in [1, 4]. (Parameter 'StageCount')\nActual value was 0.");
        Refuses(() => new ResNetOptions { StageCount = 5 }, "StageCount must be in [1, 4]. (Parameter 'StageCount')\nActual value was 5.");
        Refuses(() => new ResNetOptions { Stem = (ResNetStem)7 },
            "Stem must be one of ImageNet, SmallImage. (Parameter 'Stem')\nActual value was 7.");
        Refuses(() => new ResNetOptions { Block = (ResNetBlock)7 },
            "Block must be one of Basic, Bottleneck. (Parameter 'Block')\nActual value was 7.");
        Refuses(() => new ResNetOptions { Depths = [2, 2, 2] },
            "Depths must hold four numbers of at least 1, but is [2, 2, 2]. (Parameter 'Depths')");
        Refuses(() => new ResNetOptions { Depths = [2, 2, 0, 2] },
            "Depths must hold four numbers of at least 1, but is [2, 2, 0, 2]. (Parameter 'Depths')");
        Refuses(() => new ResNetOptions { Depths = null! }, "Depths must hold four numbers of at least 1, but is []. (Parameter 'Depths')");
        Refuses(() => ResNetOptions.ResNet50 with { Width = -1 }, "Width must be at least 1. (Parameter 'Width')\nActual value was -1.");
    }

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));
}
