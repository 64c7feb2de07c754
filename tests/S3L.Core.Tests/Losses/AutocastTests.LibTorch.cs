using S3L.Core.Losses;
using S3L.Testing;

namespace S3L.Core.Tests.Losses;

/// <summary>Losses are computed in float32 even where a step runs in bfloat16. Only the LibTorch engine has autocast.</summary>
public sealed class AutocastTests
{
    // The same float32 work twice: equal but for the order of sums. In bfloat16 the error would be 1e-3 and more.
    private const double Tolerance = 1e-6;

    [Fact]
    public void InfoNce_is_the_same_inside_autocast() => Check(
        (a, b) => new InfoNceLoss(0.07).Compute(UnitRows.Of(a), UnitRows.Of(b), UnitRows.Of(b.flip(0))));

    [Fact]
    public void Negative_cosine_is_the_same_inside_autocast() => Check(NegativeCosineLoss.Compute);

    [Fact]
    public void A_plain_product_is_not_the_same_inside_autocast()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = HashedNumbers.Tensor("a", 16, 64), b = HashedNumbers.Tensor("b", 64, 16);
        torch.Tensor outside = a.matmul(b);
        using IDisposable half = torch.autocast(DeviceType.CPU, torch.ScalarType.BFloat16);
        // Shows that the tests above could fail.
        Assert.True(TensorValues.RelativeError(outside, a.matmul(b)) > 1e-4);
    }

    private static void Check(Func<torch.Tensor, torch.Tensor, torch.Tensor> loss)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (double outside, double[] expected) = Run(inside: false);
        (double inside, double[] gradient) = Run(inside: true);
        Assert.Equal(outside, inside, Tolerance * Math.Max(1, Math.Abs(outside)));
        Assert.InRange(TensorValues.RelativeError(expected, gradient), 0, Tolerance * 10);

        (double, double[]) Run(bool inside)
        {
            torch.Tensor a = HashedNumbers.Tensor("a", 16, 64).requires_grad_(), b = HashedNumbers.Tensor("b", 16, 64);
            torch.Tensor value;
            using (inside ? torch.autocast(DeviceType.CPU, torch.ScalarType.BFloat16) : null) value = loss(a, b);
            Assert.Equal(torch.float32, value.dtype);
            // Outside, as in a training step.
            value.backward();
            return (value.ToDouble(), a.grad!.Doubles());
        }
    }
}
