using S3L.Core.Methods;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

public sealed class MlpHeadTests
{
    [Theory]
    [InlineData(new long[] { 3, 5 }, false, HeadOutput.Plain, "0.weight 5x3,0.bias 5")]
    [InlineData(new long[] { 3, 4, 5 }, false, HeadOutput.Plain, "0.weight 4x3,0.bias 4,2.weight 5x4,2.bias 5")]
    [InlineData(new long[] { 3, 4, 5 }, true, HeadOutput.Plain, "0.weight 4x3,1.weight 4,1.bias 4,3.weight 5x4,3.bias 5")]
    [InlineData(new long[] { 3, 4, 5 }, true, HeadOutput.Normalised, "0.weight 4x3,1.weight 4,1.bias 4,3.weight 5x4,4.weight 5,4.bias 5")]
    [InlineData(new long[] { 3, 5 }, true, HeadOutput.NormalisedWithoutAffine, "0.weight 5x3")]
    public void Has_linear_layers_and_a_bias_only_where_no_normalisation_follows(long[] widths, bool hiddenNorm, HeadOutput output, string expected)
    {
        using var head = new MlpHead(widths, hiddenNorm, output);
        Assert.Equal(expected, string.Join(",", head.named_parameters().Select(p =>
            $"{p.name["layers.".Length..]} {string.Join("x", p.parameter.shape)}")));
        Assert.Equal(widths, head.Widths);
    }

    [Fact]
    public void Computes_linear_layers_with_rectifiers_between_them()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var head = new MlpHead([3, 4, 2]);
        Dictionary<string, double[]> weights = head.state_dict().ToDictionary(e => e.Key["layers.".Length..], e => e.Value.Doubles());
        torch.Tensor input = HashedNumbers.Tensor("input", 5, 3);
        double[][] hidden = Linear([.. input.Doubles().Chunk(3)], weights["0.weight"], weights["0.bias"]);
        double[][] output = Linear([.. hidden.Select(row => row.Select(x => Math.Max(x, 0)).ToArray())], weights["2.weight"], weights["2.bias"]);
        // Sums of four float32 products.
        Assert.InRange(TensorValues.RelativeError([.. output.SelectMany(r => r)], head.call(input).Doubles()), 0, 1e-6);
        Assert.Contains(hidden.SelectMany(r => r), x => x < 0);
    }

    [Fact]
    public void A_normalised_output_has_mean_nothing_and_variance_one()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var head = new MlpHead([3, 4], outputNorm: HeadOutput.NormalisedWithoutAffine);
        // Inputs of some thousands, beside whose variance the 1e-5 that the normalisation adds to it is nothing.
        double[] output = head.call(HashedNumbers.Tensor("input", 64, 3) * 1000).Doubles();
        for (int i = 0; i < 4; i++)
        {
            double[] column = [.. output.Where((_, at) => at % 4 == i)];
            Assert.Equal(0, column.Average(), 1e-5);
            Assert.Equal(1, column.Average(x => x * x), 1e-5);
        }
    }

    [Fact]
    public void Leaves_nothing_but_its_output()
    {
        using var head = new MlpHead([3, 4, 2], hiddenNorm: true, HeadOutput.Normalised);
        using torch.Tensor input = HashedNumbers.Tensor("input", 5, 3);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor output = head.call(input);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Refuses_widths_that_make_no_layer()
    {
        Assert.Equal("widths must hold at least two numbers of at least 1, but is [3]. (Parameter 'widths')",
            Assert.Throws<ArgumentException>(() => new MlpHead([3])).Message);
        Assert.Equal("widths must hold at least two numbers of at least 1, but is [3, 0, 2]. (Parameter 'widths')",
            Assert.Throws<ArgumentException>(() => new MlpHead([3, 0, 2])).Message);
        Assert.Equal("widths", Assert.Throws<ArgumentNullException>(() => new MlpHead(null!)).ParamName);
        Assert.Equal("outputNorm must be one of Plain, Normalised, NormalisedWithoutAffine. (Parameter 'outputNorm')\nActual value was 9.",
            Assert.Throws<ArgumentOutOfRangeException>(() => new MlpHead([3, 2], outputNorm: (HeadOutput)9)).Message.ReplaceLineEndings("\n"));
    }

    private static double[][] Linear(double[][] rows, double[] weight, double[] bias) =>
        [.. rows.Select(row => bias.Select((b, o) => b + row.Select((x, i) => x * weight[(o * row.Length) + i]).Sum()).ToArray())];
}
