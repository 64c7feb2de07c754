namespace S3L.Core.Backbones;

public sealed partial record ResNetOptions
{
    /// <summary>18 layers, 512 features.</summary>
    public static ResNetOptions ResNet18 { get; } = new();

    /// <summary>34 layers, 512 features.</summary>
    public static ResNetOptions ResNet34 { get; } = new() { Name = "resnet34", Depths = [3, 4, 6, 3] };

    /// <summary>50 layers, 2048 features.</summary>
    public static ResNetOptions ResNet50 { get; } = new() { Name = "resnet50", Block = ResNetBlock.Bottleneck, Depths = [3, 4, 6, 3] };

    /// <summary>101 layers, 2048 features.</summary>
    public static ResNetOptions ResNet101 { get; } = new() { Name = "resnet101", Block = ResNetBlock.Bottleneck, Depths = [3, 4, 23, 3] };

    /// <summary>152 layers, 2048 features.</summary>
    public static ResNetOptions ResNet152 { get; } = new() { Name = "resnet152", Block = ResNetBlock.Bottleneck, Depths = [3, 8, 36, 3] };
}
