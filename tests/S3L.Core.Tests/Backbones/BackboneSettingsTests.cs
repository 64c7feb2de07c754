using S3L.Core.Backbones;

namespace S3L.Core.Tests.Backbones;

public sealed class BackboneSettingsTests
{
    [Fact]
    public void Tell_architectures_apart_also_where_all_shapes_are_equal()
    {
        using var plain = new MobileNetV2(MobileNetV2Options.Standard);
        using var small = new MobileNetV2(MobileNetV2Options.Standard with { Stem = MobileStem.SmallImage });
        Assert.Equal(plain.Network.state_dict().Select(t => (t.Key, string.Join(',', t.Value.shape))),
            small.Network.state_dict().Select(t => (t.Key, string.Join(',', t.Value.shape))));
        Assert.NotEqual(plain.Settings, small.Settings);
    }

    [Fact]
    public void Are_those_of_a_twin()
    {
        foreach (IBackbone network in (IBackbone[])[new ResNet(ResNetOptions.ResNet18), new MobileNetV2(MobileNetV2Options.Standard),
            new MobileNetV3(MobileNetV3Options.Small), new EfficientNet(EfficientNetOptions.B0)])
        {
            using (network)
            {
                using IBackbone twin = network.CreateTwin();
                Assert.Equal(network.Settings, twin.Settings);
                Assert.StartsWith($"{{\"Name\":\"{network.Name}\"", network.Settings, StringComparison.Ordinal);
            }
        }
    }
}
