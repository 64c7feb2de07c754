using System.Buffers.Binary;
using System.Text.Json;

namespace S3L.Torch.Tests;

/// <summary>What tests/Parity/torch/generate.py stored: float32, float64 and int64 tensors in the safetensors format.</summary>
internal static class StoredValues
{
    // Stored values were computed in float64 and rounded; ours are float32 sums of at most some hundred products.
    internal const double Tolerance = 1e-5;

    private static readonly byte[] File = System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "torch-values.safetensors"));
    private static readonly int HeaderLength = checked((int)BinaryPrimitives.ReadInt64LittleEndian(File));
    private static readonly JsonElement Header = JsonDocument.Parse(File.AsMemory(8, HeaderLength)).RootElement;

    /// <summary>A stored tensor, which the caller or the innermost scope disposes.</summary>
    internal static torch.Tensor Stored(string name, bool requires_grad = false)
    {
        JsonElement entry = Header.GetProperty(name);
        torch.ScalarType type = entry.GetProperty("dtype").GetString() switch
        {
            "F32" => torch.float32,
            "F64" => torch.float64,
            "I64" => torch.int64,
            string other => throw new InvalidDataException($"{name} has type {other}."),
            null => throw new InvalidDataException($"{name} has no type."),
        };
        long[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];
        int[] offsets = [.. entry.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt32())];
        torch.Tensor tensor = torch.empty(shape, type);
        tensor.bytes = File.AsSpan(8 + HeaderLength + offsets[0], offsets[1] - offsets[0]);
        return tensor.requires_grad_(requires_grad);
    }
}
