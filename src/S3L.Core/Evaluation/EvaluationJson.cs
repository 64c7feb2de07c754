using System.Text.Json.Serialization;

namespace S3L.Core.Evaluation;

/// <summary>Reads and writes texts of evaluation files without reflection.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
