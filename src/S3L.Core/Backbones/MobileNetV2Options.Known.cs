namespace S3L.Core.Backbones;

public sealed partial record MobileNetV2Options
{
    /// <summary>The paper's network of width 1, 1280 features.</summary>
    public static MobileNetV2Options Standard { get; } = new();
}
