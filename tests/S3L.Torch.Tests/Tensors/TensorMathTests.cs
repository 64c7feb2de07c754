namespace S3L.Torch.Tests.Tensors;

public sealed class TensorMathTests
{
    // Single precision in both: libtorch's vectorised functions and .NET's differ by a few units in the last place (2⁻²³).
    private const double Tolerance = 1e-6;

    private static readonly float[] Left = [-2.5f, -1f, -0.25f, 0.5f, 1f, 1.5f, 3.75f];
    private static readonly float[] Positive = [0.125f, 0.5f, 1f, 2f, 3f, 7f, 9.5f];

    private static torch.Tensor LeftTensor => torch.tensor(Left);

    private static torch.Tensor PositiveTensor => torch.tensor(Positive);

    [Fact]
    public void Functions_of_one_number_match_those_of_dotnet()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Matches(LeftTensor.abs(), Left, Math.Abs);
        Matches(LeftTensor.neg(), Left, x => -x);
        Matches(LeftTensor.exp(), Left, Math.Exp);
        Matches(LeftTensor.square(), Left, x => x * x);
        Matches(LeftTensor.floor(), Left, Math.Floor);
        Matches(LeftTensor.cos(), Left, Math.Cos);
        Matches(LeftTensor.sin(), Left, Math.Sin);
        Matches(LeftTensor.sigmoid(), Left, x => 1 / (1 + Math.Exp(-x)));
        Matches(LeftTensor.round(), Left, x => Math.Round(x, MidpointRounding.ToEven));
        Matches(LeftTensor.round(1), Left, x => Math.Round(x, 1, MidpointRounding.ToEven));
        Matches(PositiveTensor.log(), Positive, Math.Log);
        Matches(PositiveTensor.sqrt(), Positive, Math.Sqrt);
        Matches(PositiveTensor.sqrt_(), Positive, Math.Sqrt);
        Matches(PositiveTensor.rsqrt(), Positive, x => 1 / Math.Sqrt(x));
        Matches(PositiveTensor.pow(2.5), Positive, x => Math.Pow(x, 2.5));
        Matches(LeftTensor.remainder(2), Left, x => x - (2 * Math.Floor(x / 2)));
        Matches(LeftTensor.clamp(-1, 1), Left, x => Math.Clamp(x, -1, 1));
        Matches(LeftTensor.clamp(max: 1), Left, x => Math.Min(x, 1));
        Matches(LeftTensor.clamp_(min: -1), Left, x => Math.Max(x, -1));
        Matches(LeftTensor.clamp_min(0.5), Left, x => Math.Max(x, 0.5));
    }

    [Fact]
    public void Functions_of_two_numbers_match_those_of_dotnet()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Matches((l, r) => l.add(r), (a, b) => a + b);
        Matches((l, r) => l.add(r, 0.5), (a, b) => a + (0.5 * b));
        Matches((l, r) => l.sub(r), (a, b) => a - b);
        Matches((l, r) => l.mul(r), (a, b) => a * b);
        Matches((l, r) => l.div(r), (a, b) => a / b);
        Matches((l, r) => l.div(r, torch.RoundingMode.floor), (a, b) => Math.Floor(a / b));
        Matches((l, r) => l.div(r, torch.RoundingMode.trunc), (a, b) => Math.Truncate(a / b));
        Matches((l, r) => l.maximum(r), Math.Max);
        Matches((l, r) => l.minimum(r), Math.Min);
        Matches((l, r) => l.clamp(r - 1, r), (a, b) => Math.Clamp(a, b - 1, b));
        Matches((l, r) => l.where(l.gt(r), r), Math.Max);
        Matches((l, r) => l.lerp_(r, torch.tensor(0.25f)), (a, b) => a + (0.25 * (b - a)));
        Matches((l, r) => l.addcmul_(r, r, 0.5), (a, b) => a + (0.5 * b * b));
        Matches((l, r) => l.addcdiv_(r.square(), r, 0.5), (a, b) => a + (0.5 * b));
    }

    [Fact]
    public void What_works_in_place_changes_and_returns_its_tensor()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor tensor = torch.tensor(new[] { 8f });
        torch.Tensor two = torch.tensor(new[] { 2f });

        Assert.Same(tensor, tensor.add_(two).add_(two, 3).add_(1).sub_(two).sub_(1).mul_(two).mul_(3).div_(two).div_(4)
            .div_(two, torch.RoundingMode.floor).div_(2, torch.RoundingMode.trunc));
        // 8 + 2 + 6 + 1 - 2 - 1 = 14; · 2 · 3 / 2 / 4 = 10.5; floor(10.5 / 2) = 5; trunc(5 / 2) = 2.
        Assert.Equal(2f, tensor.item<float>());
    }

    [Fact]
    public void Comparisons_match_those_of_dotnet()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        float[] right = [-2.5f, 0f, -1f, 0.5f, 2f, 1.5f, 3f];
        torch.Tensor l = LeftTensor, r = torch.tensor(right);
        (torch.Tensor Tensors, torch.Tensor Number, Func<float, float, bool> Expected)[] cases =
        [
            (l.eq(r), l.eq(0.5), (a, b) => a == b), (l.ne(r), l.ne(0.5), (a, b) => a != b), (l.lt(r), l.lt(0.5), (a, b) => a < b),
            (l.le(r), l.le(0.5), (a, b) => a <= b), (l.gt(r), l.gt(0.5), (a, b) => a > b), (l.ge(r), l.ge(0.5), (a, b) => a >= b),
        ];

        Assert.All(cases, c =>
        {
            Assert.Equal(Left.Zip(right, c.Expected), c.Tensors.Bools());
            Assert.Equal(Left.Select(x => c.Expected(x, 0.5f)), c.Number.Bools());
        });
    }

    [Fact]
    public void Logic_takes_numbers_for_truth()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = torch.tensor(new[] { 0f, 0f, 2f, 3f }), b = torch.tensor(new[] { true, false, true, false });

        Assert.Equal([false, false, true, false], a.logical_and(b).Bools());
        Assert.Equal([true, true, false, false], a.logical_not().Bools());
        Assert.Equal([true, false, false], torch.tensor(new[] { 1f, float.NaN, float.NegativeInfinity }).isfinite().Bools());
    }

    [Fact]
    public void Products_of_matrices_match_loops()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = torch.randn([3, 2, 4]), b = torch.randn([3, 4, 5]);
        float[] x = a.Floats(), y = b.Floats();
        var expected = new double[3 * 2 * 5];
        for (int n = 0; n < 3; n++)
        {
            for (int i = 0; i < 2; i++)
            {
                for (int j = 0; j < 5; j++)
                {
                    for (int k = 0; k < 4; k++) expected[(((n * 2) + i) * 5) + j] += (double)x[(((n * 2) + i) * 4) + k] * y[(((n * 4) + k) * 5) + j];
                }
            }
        }

        TensorValues.AssertClose(expected, a.bmm(b).Doubles(), Tolerance);
        TensorValues.AssertClose(expected, a.matmul(b).Doubles(), Tolerance);
        TensorValues.AssertClose(expected, torch.matmul(a, b).Doubles(), Tolerance);
        TensorValues.AssertClose(expected[..10], a.select(0, 0).mm(b.select(0, 0)).Doubles(), Tolerance);
    }

    private static void Matches(torch.Tensor actual, float[] inputs, Func<double, double> expected) =>
        TensorValues.AssertClose([.. inputs.Select(x => expected(x))], actual.Doubles(), Tolerance);

    private static void Matches(Func<torch.Tensor, torch.Tensor, torch.Tensor> actual, Func<double, double, double> expected) =>
        TensorValues.AssertClose([.. Left.Zip(Positive, (a, b) => expected(a, b))], actual(LeftTensor, PositiveTensor).Doubles(), Tolerance);
}
