using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Tests.Data;
using S3L.Core.Weights;
using S3L.Testing;

namespace S3L.Core.Tests.Weights;

public sealed class SafetensorsTests
{
    private static readonly torch.ScalarType[] Types =
    [
        torch.ScalarType.Bool, torch.ScalarType.Byte, torch.ScalarType.Int8, torch.ScalarType.Int16, torch.ScalarType.Int32,
        torch.ScalarType.Int64, torch.ScalarType.Float16, torch.ScalarType.BFloat16, torch.ScalarType.Float32, torch.ScalarType.Float64,
    ];

    [Fact]
    public void Reads_what_another_writer_wrote()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> read = Safetensors.Load(
            RepositoryFiles.PathTo("tests", "Parity", "safetensors", "types.safetensors"), out IReadOnlyDictionary<string, string> metadata);
        string[] names = ["bool", "u8", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64"];
        Assert.Equal([.. names.Select(n => n + ".name"), "scalar", "none"], read.Keys);
        for (int i = 0; i < names.Length; i++)
        {
            torch.Tensor tensor = read[names[i] + ".name"];
            Assert.Equal(Types[i], tensor.dtype);
            Assert.Equal([2, 3], tensor.shape);
            Assert.Equal(names[i] == "bool" ? [0, 1, 0, 1, 0, 1] : [0, 3, 6, 9, 12, 15], tensor.Doubles());
        }

        Assert.Empty(read["scalar"].shape);
        Assert.Equal(2.5, read["scalar"].ToDouble());
        Assert.Equal([0, 4], read["none"].shape);
        Assert.Equal(new Dictionary<string, string> { ["writer"] = "tests/Parity", ["sign"] = "α" }, metadata);
    }

    [Fact]
    public void Gives_back_every_type_shape_and_text() => Properties.Hold(
        from type in Gen.Elements(Types)
        from shape in Gen.ListOf(Gen.Choose(0, 4))
        from text in Gen.Elements("", "plain", "quote \" and \\", "ä€𝄞", "line\nbreak")
        select (type, shape: shape.Take(4).Select(s => (long)s).ToArray(), text), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using var folder = new TemporaryFolder();
            string path = folder.At("weights.safetensors");
            torch.Tensor tensor = (HashedNumbers.Tensor("values", c.shape) * 100).to(c.type), second = torch.ones([3]);
            Safetensors.Save(path, new Dictionary<string, torch.Tensor> { ["a." + c.text] = tensor, ["b"] = second }, new Dictionary<string,
                string>
            { ["key"] = c.text });
            Dictionary<string, torch.Tensor> read = Safetensors.Load(path, out IReadOnlyDictionary<string, string> metadata);
            torch.Tensor back = read["a." + c.text];
            return back.dtype == c.type && back.shape.SequenceEqual(c.shape) && back.bytes.SequenceEqual(tensor.bytes)
                && read["b"].Doubles().SequenceEqual([1, 1, 1]) && read.Count == 2 && metadata["key"] == c.text;
        });

    [Fact]
    public void Keeps_the_order_of_elements_of_tensors_that_lie_otherwise_in_memory()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = folder.At("weights.safetensors");
        torch.Tensor turned = torch.arange(6, torch.float32).view(2, 3).t();
        Safetensors.Save(path, new Dictionary<string, torch.Tensor> { ["turned"] = turned.requires_grad_() });
        Assert.Equal([0, 3, 1, 4, 2, 5], Safetensors.Load(path)["turned"].Doubles());
    }

    [Fact]
    public void The_file_is_laid_out_as_the_format_says()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = folder.At("weights.safetensors");
        Safetensors.Save(path, new Dictionary<string, torch.Tensor> { ["a"] = torch.tensor([1.5f, -2f]), ["b"] = torch.tensor([7L]) });
        byte[] file = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        Assert.Equal(0, length % 8);
        Assert.Equal("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I64","shape":[1],"data_offsets":[8,16]}}""",
            Encoding.UTF8.GetString(file, 8, length).TrimEnd(' '));
        Assert.Equal([0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0, 7, 0, 0, 0, 0, 0, 0, 0], file[(8 + length)..]);
    }

    [Fact]
    public void A_network_comes_back_equal()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("weights.safetensors");
        using var network = Methods.KnownMethods.Backbone();
        using var other = Methods.KnownMethods.Backbone();
        Safetensors.Save(path, network.state_dict());
        Dictionary<string, torch.Tensor> read = Safetensors.Load(path);
        other.load_state_dict(read);
        foreach (torch.Tensor tensor in read.Values) tensor.Dispose();
        Dictionary<string, torch.Tensor> state = other.state_dict();
        Assert.All(network.state_dict(), e => Assert.Equal(e.Value.Doubles(), state[e.Key].Doubles()));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = folder.At("weights.safetensors");
        Safetensors.Save(path, new Dictionary<string, torch.Tensor> { ["a"] = torch.ones([2]) });
        byte[] before = File.ReadAllBytes(path);
        torch.Tensor gone = torch.ones([2]);
        gone.Dispose();
        Assert.ThrowsAny<ObjectDisposedException>(() =>
            Safetensors.Save(path, new Dictionary<string, torch.Tensor> { ["b"] = torch.ones([9]), ["c"] = gone }));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_new_file_replaces_an_old_one()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = folder.At("weights.safetensors");
        Safetensors.Save(path, new Dictionary<string, torch.Tensor> { ["old"] = torch.ones([100]) });
        Safetensors.Save(path, new Dictionary<string, torch.Tensor> { ["new"] = torch.ones([2]) });
        Assert.Equal(["new"], Safetensors.Load(path).Keys);
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }
}
