using S3L.Core.Backbones;

namespace Pretrain;

/// <summary>The networks that the command line knows.</summary>
internal static class Networks
{
    internal static readonly string[] Names =
    [
        "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "mobilenetv2", "mobilenetv3-small", "mobilenetv3-large", "efficientnet-b0",
    ];

    internal static IBackbone Create(PretrainOptions options)
    {
        MobileStem stem = options.Stem == ResNetStem.SmallImage ? MobileStem.SmallImage : MobileStem.ImageNet;
        return options.Backbone switch
        {
            "mobilenetv2" => new MobileNetV2(new() { Stem = stem, StageCount = options.Stages ?? MobileNetV2Options.Standard.StageCount }),
            "mobilenetv3-small" => Mobile(MobileNetV3Options.Small),
            "mobilenetv3-large" => Mobile(MobileNetV3Options.Large),
            "efficientnet-b0" => new EfficientNet(new() { Stem = stem, StageCount = options.Stages ?? EfficientNetOptions.B0.StageCount }),
            "resnet34" => Residual(ResNetOptions.ResNet34),
            "resnet50" => Residual(ResNetOptions.ResNet50),
            "resnet101" => Residual(ResNetOptions.ResNet101),
            "resnet152" => Residual(ResNetOptions.ResNet152),
            _ => Residual(ResNetOptions.ResNet18),
        };

        ResNet Residual(ResNetOptions known) => new(known with { Stem = options.Stem, StageCount = options.Stages ?? known.StageCount });

        MobileNetV3 Mobile(MobileNetV3Options known) => new(known with { Stem = stem, StageCount = options.Stages ?? known.StageCount });
    }
}
