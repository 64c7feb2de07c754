using System.Text.Json.Serialization;

namespace S3L.Core.Methods;

/// <summary>Writes options as text without reflection, the same in every language of the system.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(MoCoOptions))]
[JsonSerializable(typeof(SimClrOptions))]
[JsonSerializable(typeof(SimSiamOptions))]
[JsonSerializable(typeof(ByolOptions))]
[JsonSerializable(typeof(InstanceDiscriminationOptions))]
internal sealed partial class OptionsJson : JsonSerializerContext;
