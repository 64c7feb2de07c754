using S3L.Core.Losses;
using S3L.Testing;

namespace S3L.Core.Tests.Losses;

public sealed class UnitRowsTests
{
    [Fact]
    public void Divides_each_row_by_its_length_as_PyTorch_does()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("losses", "values");
        torch.Tensor rows = UnitRows.Of(stored["predictions"]);
        // Float32 against float64: a few units of the last place.
        Assert.InRange(TensorValues.LargestError(stored["unit"], rows), 0, 5e-7);
    }

    [Theory]
    [InlineData(1e-4)]
    [InlineData(1)]
    [InlineData(1e6)]
    public void Every_length_becomes_one(double scale)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = UnitRows.Of(HashedNumbers.Tensor("rows", 5, 33) * scale);
        // Square, sum of 33 terms and root in float32.
        Assert.All(rows.square().sum(1).Doubles(), length => Assert.Equal(1, length, 1e-6));
    }

    [Fact]
    public void A_row_of_zeros_stays_one_and_gets_no_infinite_gradient()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor zeros = torch.zeros(2, 3).requires_grad_();
        torch.Tensor rows = UnitRows.Of(zeros);
        Assert.All(rows.Floats(), x => Assert.Equal(0, x));
        rows.sum().backward();
        Assert.All(zeros.grad!.Floats(), g => Assert.True(float.IsFinite(g), $"gradient is {g}"));
    }

    [Theory]
    [InlineData(torch.ScalarType.Float16)]
    [InlineData(torch.ScalarType.BFloat16)]
    [InlineData(torch.ScalarType.Float64)]
    public void Other_number_formats_come_out_in_single_precision(torch.ScalarType type)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = HashedNumbers.Tensor("rows", 4, 8).to(type);
        torch.Tensor unit = UnitRows.Of(rows);
        Assert.Equal(torch.float32, unit.dtype);
        // The same work on the same rounded values, all of which float32 holds or, from float64, holds within its last place.
        Assert.InRange(TensorValues.LargestError(UnitRows.Of(rows.to(torch.float32)), unit), 0, 1e-7);
    }

    [Fact]
    public void Leaves_nothing_but_the_rows()
    {
        using torch.Tensor rows = torch.ones([2, 3], torch.ScalarType.Float64);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor unit = UnitRows.Of(rows);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Refuses_anything_but_rows()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Assert.Equal("rows must be [N, D] with N of at least 1, but is [2, 3, 4]. (Parameter 'rows')",
            Assert.Throws<ArgumentException>(() => UnitRows.Of(torch.zeros([2, 3, 4]))).Message);
        Assert.Equal("rows must be [N, D] with N of at least 1, but is [0, 4]. (Parameter 'rows')",
            Assert.Throws<ArgumentException>(() => UnitRows.Of(torch.zeros(0, 4))).Message);
        Assert.Equal("rows", Assert.Throws<ArgumentNullException>(() => UnitRows.Of(null!)).ParamName);
    }
}
