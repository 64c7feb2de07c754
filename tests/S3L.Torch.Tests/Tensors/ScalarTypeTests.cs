namespace S3L.Torch.Tests.Tensors;

public sealed class ScalarTypeTests
{
    public static TheoryData<torch.ScalarType> All => [.. Enum.GetValues<torch.ScalarType>()];

    [Theory, MemberData(nameof(All))]
    public void Numbers_and_sizes_are_those_of_libtorch(torch.ScalarType type)
    {
        using torch.Tensor tensor = torch.zeros([3], type);

        Assert.Equal(type, tensor.dtype);
        Assert.Equal(3 * type.ElementSize(), tensor.bytes.Length);
    }

    [Fact]
    public void Names_are_those_of_libtorch()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // Mixed matrix products are refused in libtorch's words, which name both types by C++ or by ATen name.
        (torch.ScalarType Type, string[] Names)[] known =
        [
            (torch.uint8, ["Byte", "unsigned char"]), (torch.int32, ["Int", "int"]), (torch.int64, ["Long", "long"]), (torch.float64, ["Double",
                "double"]),
            (torch.bfloat16, ["BFloat16"]), (torch.ScalarType.Int8, ["Char", "signed char"]), (torch.ScalarType.Int16, ["Short", "short"]),
        ];

        Assert.All(known, k =>
        {
            string message = Assert.ThrowsAny<TorchException>(() => torch.ones([2, 2], k.Type).mm(torch.ones([2, 2]))).Message;
            Assert.Contains(k.Names, n => message.Contains(n, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Short_names_stand_for_their_types() => Assert.Equal(
        [
            torch.ScalarType.Byte, torch.ScalarType.Int32, torch.ScalarType.Int64, torch.ScalarType.Float16, torch.ScalarType.Float32,
            torch.ScalarType.Float64, torch.ScalarType.BFloat16, torch.ScalarType.Bool,
        ],
        [torch.uint8, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64, torch.bfloat16, torch.@bool]);

    [Fact]
    public void A_type_without_a_size_is_refused()
    {
        ArgumentOutOfRangeException thrown = Assert.Throws<ArgumentOutOfRangeException>(() => ((torch.ScalarType)99).ElementSize());

        Assert.StartsWith("type must be a plain element type.", thrown.Message, StringComparison.Ordinal);
    }
}
