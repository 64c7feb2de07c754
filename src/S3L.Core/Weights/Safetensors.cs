using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace S3L.Core.Weights;

/// <summary>Files of named tensors in the safetensors format (https://github.com/huggingface/safetensors): a JSON header, then the bytes.</summary>
public static class Safetensors
{
    private const int HeaderLimit = 100_000_000;

    private static readonly (torch.ScalarType Type, string Name)[] Types =
    [
        (torch.ScalarType.Bool, "BOOL"), (torch.ScalarType.Byte, "U8"), (torch.ScalarType.Int8, "I8"), (torch.ScalarType.Int16, "I16"),
        (torch.ScalarType.Int32, "I32"), (torch.ScalarType.Int64, "I64"), (torch.ScalarType.Float16, "F16"),
        (torch.ScalarType.BFloat16, "BF16"), (torch.ScalarType.Float32, "F32"), (torch.ScalarType.Float64, "F64"),
    ];

    /// <summary>Writes tensors to a new file, which takes the place of an old one only when it is complete on the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Tensors of any device by name.</param>
    /// <param name="metadata">Texts to keep with them.</param>
    public static void Save(string path, IReadOnlyDictionary<string, torch.Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        string temporary = path + ".part";
        try
        {
            using (FileStream file = new(temporary, FileMode.Create, FileAccess.Write))
            {
                Write(file, tensors, metadata);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads all tensors of a file into the main memory. The caller owns them.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or of another format.</exception>
    public static Dictionary<string, torch.Tensor> Load(string path) => Load(path, out _);

    /// <summary>Reads all tensors of a file, and the texts kept with them. The caller owns the tensors.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or of another format.</exception>
    public static Dictionary<string, torch.Tensor> Load(string path, out IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream file = File.OpenRead(path);
        using JsonDocument header = ReadHeader(file, path);
        long start = file.Position;
        var texts = new Dictionary<string, string>();
        var tensors = new Dictionary<string, torch.Tensor>();
        try
        {
            foreach (JsonProperty entry in header.RootElement.EnumerateObject())
            {
                if (entry.Name == "__metadata__")
                {
                    foreach (JsonProperty text in entry.Value.EnumerateObject()) texts[text.Name] = text.Value.GetString() ?? "";
                    continue;
                }

                tensors[entry.Name] = ReadTensor(file, start, entry, path);
            }
        }
        catch (Exception e)
        {
            foreach (torch.Tensor tensor in tensors.Values) tensor.Dispose();
            if (e is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException or OverflowException)
            {
                throw new InvalidDataException($"'{path}' is no safetensors file: its header has another form ({e.Message})", e);
            }

            throw;
        }

        metadata = texts;
        return tensors;
    }

    private static void Write(Stream file, IReadOnlyDictionary<string, torch.Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach ((string name, string text) in metadata) json.WriteString(name, text);
                json.WriteEndObject();
            }

            long offset = 0;
            foreach ((string name, torch.Tensor tensor) in tensors)
            {
                torch.ScalarType type = tensor.dtype;
                long end = offset + (tensor.numel() * type.ElementSize());
                json.WriteStartObject(name);
                json.WriteString("dtype", Types.First(t => t.Type == type).Name);
                json.WriteStartArray("shape");
                foreach (long size in tensor.shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                offset = end;
            }

            json.WriteEndObject();
        }

        // The format wants the data to begin at a multiple of eight bytes.
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)buffer.Length);
        file.Write(length);
        buffer.WriteTo(file);
        foreach (torch.Tensor tensor in tensors.Values)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            foreach (torch.Tensor piece in TensorPieces.Of(tensor.detach().cpu().contiguous())) file.Write(piece.bytes);
        }
    }

    private static JsonDocument ReadHeader(FileStream file, string path)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (file.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
        {
            throw new InvalidDataException($"'{path}' is no safetensors file: it is shorter than 8 bytes.");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > HeaderLimit || (long)length > file.Length - 8)
        {
            throw new InvalidDataException($"'{path}' is no safetensors file or is cut: a header of {length} bytes in a file of {file.Length}.");
        }

        var text = new byte[length];
        file.ReadExactly(text);
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            string begin = Encoding.UTF8.GetString(text.AsSpan(0, Math.Min(text.Length, 40)));
            throw new InvalidDataException($"'{path}' is no safetensors file: its header is no JSON ({begin}…).", e);
        }
    }

    private static torch.Tensor ReadTensor(FileStream file, long start, JsonProperty entry, string path)
    {
        string typeName = entry.Value.GetProperty("dtype").GetString() ?? "";
        if (Array.Find(Types, t => t.Name == typeName) is not { Name: not null } type)
        {
            throw new InvalidDataException($"'{path}': tensor {entry.Name} has type {typeName}, which is not supported.");
        }

        long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64())];
        JsonElement offsets = entry.Value.GetProperty("data_offsets");
        (long begin, long end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        long size = checked(shape.Aggregate(1L, (a, b) => checked(a * b)) * type.Type.ElementSize());
        if (shape.Any(s => s < 0) || begin < 0 || end < begin || end - begin != size || end > file.Length - start)
        {
            throw new InvalidDataException(
                $"'{path}': tensor {entry.Name} [{string.Join(", ", shape)}] {typeName} " +
                $"should lie at bytes {begin} to {end} of {file.Length - start}.");
        }

        torch.Tensor tensor = torch.empty(shape, type.Type);
        file.Position = start + begin;
        try
        {
            foreach (torch.Tensor piece in TensorPieces.Of(tensor)) file.ReadExactly(piece.bytes);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }
}
