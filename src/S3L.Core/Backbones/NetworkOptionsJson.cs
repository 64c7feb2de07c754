using System.Text.Json.Serialization;

namespace S3L.Core.Backbones;

/// <summary>Writes options as text without reflection, the same in every language of the system.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(ResNetOptions))]
[JsonSerializable(typeof(MobileNetV2Options))]
[JsonSerializable(typeof(MobileNetV3Options))]
[JsonSerializable(typeof(EfficientNetOptions))]
internal sealed partial class NetworkOptionsJson : JsonSerializerContext;
