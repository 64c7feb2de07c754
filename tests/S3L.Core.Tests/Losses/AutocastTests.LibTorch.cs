using S3L.Core.Losses;
using S3L.Testing;

namespace S3L.Core.Tests.Losses;

/// <summary>Losses are computed in float32 even where a step runs in bfloat16. Only the LibTorch engine has autocast.</summary>
public sealed class AutocastTests
{
    // The same float32 work twice: equal but for the order of sums. In bfloat16 the error would be 1e-3 and more.
    private const double Tolerance = 1e-6;

    // By two inputs [16, 64] in [−1, 1); those that take cosines take the first as such.
    private static readonly Dictionary<string, Func<torch.Tensor, torch.Tensor, torch.Tensor>> Losses = new()
    {
        ["infonce"] = (a, b) => new InfoNceLoss(0.07).Compute(UnitRows.Of(a), UnitRows.Of(b), UnitRows.Of(b.flip(0))),
        ["ntxent"] = (a, b) => new NtXentLoss(0.1).Compute(UnitRows.Of(a), UnitRows.Of(b)),
        // Scores of about 1, so that the sum is not of cosines near 0.
        ["ntxent, rows as they are"] = (a, b) => new NtXentLoss(2).Compute(a, b),
        ["cosine"] = NegativeCosineLoss.Compute,
        ["byol"] = ByolLoss.Compute,
        ["discrimination"] = (a, _) => new InstanceDiscriminationLoss(0.2).Compute(a, torch.arange(16, torch.int64)),
        ["discrimination, cutmix"] = (a, _) => new InstanceDiscriminationLoss(0.2)
            .Compute(a, torch.arange(16, torch.int64), torch.arange(16, 32, torch.int64), torch.tensor(0.3f)),
        ["sqrtkl"] = (a, _) => new SqrtKlLoss().Compute(a),
        ["sqrtkl, from target"] = (a, _) => new SqrtKlLoss(0.5, KlDirection.FromTarget).Compute(a),
    };

    public static TheoryData<string> Names => [.. Losses.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_loss_is_the_same_inside_autocast(string name) => Same(name, torch.float32, inside: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_loss_of_bfloat16_is_computed_in_single_precision_inside_autocast_and_outside(string name)
    {
        Same(name, torch.ScalarType.BFloat16, inside: false);
        Same(name, torch.ScalarType.BFloat16, inside: true);
    }

    [Fact]
    public void A_product_of_ones_own_is_the_same_where_full_precision_is_asked_for()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = HashedNumbers.Tensor("a", 16, 64), b = HashedNumbers.Tensor("b", 64, 16);
        torch.Tensor outside = a.matmul(b), inside;
        using (torch.autocast(DeviceType.CPU, torch.ScalarType.BFloat16))
        using (FullPrecision.On(a.device)) inside = a.matmul(b);
        Assert.InRange(TensorValues.RelativeError(outside, inside), 0, Tolerance);
    }

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

    /// <summary>Compares with the same numbers in float32 outside autocast.</summary>
    private static void Same(string name, torch.ScalarType type, bool inside)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = HashedNumbers.Tensor("a", 16, 64).to(type), b = HashedNumbers.Tensor("b", 16, 64).to(type);
        (double expected, torch.Tensor expectedGradient) = Run(a.to(torch.float32), b.to(torch.float32), autocast: false);
        (double value, torch.Tensor gradient) = Run(a, b, inside);
        Assert.Equal(expected, value, Tolerance * Math.Max(1, Math.Abs(expected)));
        // The gradient of a bfloat16 input is rounded to it at the end, so the other is too; where both round apart, they differ by one place.
        Assert.InRange(TensorValues.RelativeError(expectedGradient.to(type), gradient), 0, type == torch.float32 ? Tolerance * 10 : 1e-3);

        (double, torch.Tensor) Run(torch.Tensor first, torch.Tensor second, bool autocast)
        {
            torch.Tensor leaf = first.detach().clone().requires_grad_();
            torch.Tensor value;
            using (autocast ? torch.autocast(DeviceType.CPU, torch.ScalarType.BFloat16) : null) value = Losses[name](leaf, second);
            Assert.Equal(torch.float32, value.dtype);
            // Outside, as in a training step.
            value.backward();
            return (value.ToDouble(), leaf.grad!);
        }
    }
}
