using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;

namespace S3L.Core.Tests.Weights;

public sealed class TensorPiecesTests
{
    [Fact]
    public void Pieces_are_as_small_as_asked_for_and_together_the_whole() => Properties.Hold(
        from type in Gen.Elements(torch.ScalarType.Byte, torch.ScalarType.BFloat16, torch.ScalarType.Float32, torch.ScalarType.Float64)
        from shape in Gen.ListOf(Gen.Choose(0, 4))
        from most in Gen.Choose(8, 50)
        select (type, shape: shape.Take(4).Select(s => (long)s).ToArray(), most), c =>
        {
            using torch.Tensor numbers = HashedNumbers.Tensor("values", c.shape), scaled = numbers * 100, tensor = scaled.to(c.type);
            byte[][] pieces = Bytes(tensor, c.most);
            return pieces.All(p => p.Length > 0 && p.Length <= c.most) && pieces.SelectMany(p => p).SequenceEqual(tensor.bytes.ToArray());
        });

    [Theory]
    [InlineData(torch.ScalarType.Float32, 12, new[] { 12, 12, 12, 4 })]
    [InlineData(torch.ScalarType.Float32, 15, new[] { 12, 12, 12, 4 })]
    [InlineData(torch.ScalarType.Float32, 40, new[] { 40 })]
    [InlineData(torch.ScalarType.Float64, 8, new[] { 8, 8, 8, 8, 8, 8, 8, 8, 8, 8 })]
    [InlineData(torch.ScalarType.Byte, 4, new[] { 4, 4, 2 })]
    public void As_many_whole_elements_as_fit_are_a_piece(torch.ScalarType type, long mostBytes, int[] expected)
    {
        using torch.Tensor tensor = torch.zeros([2, 5], type);
        Assert.Equal(expected, Bytes(tensor, mostBytes).Select(p => p.Length));
    }

    [Fact]
    public void A_scalar_is_one_piece_and_nothing_is_none()
    {
        using torch.Tensor scalar = torch.tensor(2.5f), none = torch.zeros([0, 4]);
        Assert.Equal(BitConverter.GetBytes(2.5f), Assert.Single(Bytes(scalar, 4)));
        Assert.Empty(Bytes(none, 4));
    }

    /// <summary>Each piece while it lasts.</summary>
    private static byte[][] Bytes(torch.Tensor tensor, long mostBytes) => [.. Of(null, tensor, mostBytes).Select(p => p.bytes.ToArray())];

    // From outside, a second piece needs a tensor of more than a GiB.
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod)]
    private static extern IEnumerable<torch.Tensor> Of([UnsafeAccessorType("S3L.Core.Weights.TensorPieces, S3L.Core")] object? type,
        torch.Tensor tensor, long mostBytes);
}
