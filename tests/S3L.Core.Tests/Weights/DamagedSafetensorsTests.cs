using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Tests.Data;
using S3L.Core.Weights;

namespace S3L.Core.Tests.Weights;

public sealed class DamagedSafetensorsTests
{
    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""", "tensor a [2] F32 should lie at bytes 0 to 12 of 8.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "tensor a [3] F32 should lie at bytes 0 to 12 of 8.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", "tensor a [2] F32 should lie at bytes -8 to 0 of 8.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""", "tensor a [-1, -2] F32 should lie at bytes 0 to 8 of 8.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775799,9223372036854775807]}}""",
        "tensor a [2] F32 should lie at bytes 9223372036854775799 to 9223372036854775807 of 8.")]
    [InlineData("""{"a":{"dtype":"F8","shape":[8],"data_offsets":[0,8]}}""", "tensor a has type F8, which is not supported.")]
    public void A_tensor_that_does_not_fit_is_refused(string header, string reason) => Refuses(File(header), "'{0}': " + reason);

    [Theory]
    [InlineData("[1]")]
    [InlineData("3")]
    [InlineData("""{"a":3}""")]
    [InlineData("""{"a":{"dtype":3,"shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""")]
    [InlineData("""{"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{}}""")]
    [InlineData("""{"__metadata__":{"a":3}}""")]
    [InlineData("""{"__metadata__":3}""")]
    public void A_header_of_another_form_is_refused(string header) =>
        Refuses(File(header), "'{0}' is no safetensors file: its header has another form (", whole: false);

    [Theory]
    [InlineData("""{"a":""", """{{"a":""")]
    [InlineData("""{"a":{"shape":[]},"a":{"shape":[]}}""", """{{"a":{{"shape":[]}},"a":{{"shape":[]}}}}""")]
    public void A_header_that_is_no_JSON_or_names_a_tensor_twice_is_refused(string header, string quoted) =>
        Refuses(File(header), "'{0}' is no safetensors file: its header is no JSON (" + quoted + "…).");

    [Fact]
    public void Files_cut_anywhere_are_refused()
    {
        byte[] whole = File("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""");
        int header = whole.Length - 16;
        for (int length = 0; length < whole.Length; length++)
        {
            string reason = length < 8
                ? "'{0}' is no safetensors file: it is shorter than 8 bytes."
                : length < 8 + header
                    ? $"'{{0}}' is no safetensors file or is cut: a header of {header} bytes in a file of {length}."
                    : $"'{{0}}': tensor a [2] F32 should lie at bytes 0 to 8 of {length - 8 - header}.";
            Refuses(whole[..length], reason);
        }
    }

    [Fact]
    public void Absurd_header_lengths_are_refused_without_being_allocated()
    {
        foreach (ulong length in new[] { 100_000_001UL, ulong.MaxValue, 1UL << 63 })
        {
            var file = new byte[64];
            BinaryPrimitives.WriteUInt64LittleEndian(file, length);
            Refuses(file, $"'{{0}}' is no safetensors file or is cut: a header of {length} bytes in a file of 64.");
        }
    }

    [Fact]
    public void Whatever_byte_is_changed_a_file_is_read_or_refused()
    {
        byte[] whole = File("""{"__metadata__":{"k":"v"},"a":{"dtype":"U8","shape":[2,4],"data_offsets":[0,8]}}""");
        using var folder = new TemporaryFolder();
        Properties.Hold(
            from at in Gen.Choose(0, whole.Length - 1)
            from value in Gen.Choose(0, 255)
            select (at, value), c =>
            {
                byte[] damaged = [.. whole];
                damaged[c.at] = (byte)c.value;
                string path = folder.Write("damaged.safetensors", damaged);
                using DisposeScope scope = torch.NewDisposeScope();
                try
                {
                    Safetensors.Load(path);
                    return true;
                }
                catch (InvalidDataException e)
                {
                    return e.Message.Contains(path, StringComparison.Ordinal);
                }
            });
    }

    [Fact]
    public void A_missing_file_is_said_to_be_missing()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("absent.safetensors", Assert.Throws<FileNotFoundException>(() =>
            Safetensors.Load(folder.At("absent.safetensors"))).Message, StringComparison.Ordinal);
    }

    /// <summary>A file of a header and eight bytes.</summary>
    private static byte[] File(string header)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + text.Length + 8];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)text.Length);
        text.CopyTo(file, 8);
        return file;
    }

    private static void Refuses(byte[] content, string message, bool whole = true)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("damaged.safetensors", content);
        string expected = string.Format(null, message, path);
        var error = Assert.Throws<InvalidDataException>(() => Safetensors.Load(path));
        if (whole) Assert.Equal(expected, error.Message);
        else Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }
}
