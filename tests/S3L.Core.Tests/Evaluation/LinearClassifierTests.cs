using S3L.Core.Evaluation;
using S3L.Core.Tests.Data;
using S3L.Core.Tests.Methods;
using S3L.Core.Weights;
using S3L.Testing;

namespace S3L.Core.Tests.Evaluation;

public sealed class LinearClassifierTests
{
    private const int Width = 8;

    // Sums of eight float32 products, and a length that they are divided by.
    private const double Tolerance = 1e-5;

    private static readonly string[] Names = ["ant", "bee \"b\"", "Käfer"];

    private static readonly int[] Labels = [.. Enumerable.Range(0, 60).Select(i => i % 3)];

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Comes_back_from_a_file_as_it_was(bool named, bool unit)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        torch.Tensor features = Features();
        using LinearProbe probe = Probe(features, named, unit);
        probe.Classifier.Save(folder.At("classifier.safetensors"));
        using LinearClassifier read = LinearClassifier.Load(folder.At("classifier.safetensors"));
        Assert.Equal(named ? Names : [], read.ClassNames);
        Assert.Equal(probe.Classifier.ClassNames, read.ClassNames);
        Assert.Equal((unit, 3, Width), (read.TakesUnitFeatures, read.ClassCount, (int)read.FeatureDimension));
        Assert.Equal(unit, probe.Classifier.TakesUnitFeatures);
        Assert.Equal(probe.Classifier.Scores(features).Floats(), read.Scores(features).Floats());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Scores_are_what_loops_make_of_the_weights(bool unit)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        torch.Tensor features = Features();
        using LinearProbe probe = Probe(features, named: false, unit);
        probe.Classifier.Save(folder.At("classifier.safetensors"));
        Dictionary<string, torch.Tensor> layer = Safetensors.Load(folder.At("classifier.safetensors"));
        double[][] weights = [.. layer["weight"].Doubles().Chunk(Width)];
        double[] bias = layer["bias"].Doubles();
        double[] expected = [.. features.Doubles().Chunk(Width).SelectMany(row =>
        {
            double length = unit ? Math.Sqrt(row.Sum(x => x * x)) : 1;
            return weights.Select((w, c) => bias[c] + (w.Zip(row, (a, b) => a * b).Sum() / length));
        })];
        torch.Tensor scores = probe.Classifier.Scores(features.requires_grad_());
        Assert.Equal([60, 3], scores.shape);
        Assert.Equal((torch.float32, false), (scores.dtype, scores.requires_grad));
        Assert.InRange(TensorValues.RelativeError(expected, scores.Doubles()), 0, Tolerance);
    }

    [Fact]
    public void The_class_with_the_highest_score_is_predicted_and_its_share_is_the_accuracy()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor features = Features();
        using LinearProbe probe = Probe(features, named: false, unit: true);
        long[] predicted = probe.Classifier.Predict(features).Longs();
        Assert.Equal(probe.Classifier.Scores(features).Floats().Chunk(3).Select(s => (long)Array.IndexOf(s, s.Max())), predicted);
        Assert.Equal(predicted.Zip(Labels, (p, l) => p == l).Count(hit => hit) / 60.0, probe.Classifier.Accuracy(features, Labels), 1e-6);
    }

    [Fact]
    public void Features_of_another_length_are_refused()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using LinearProbe probe = Probe(Features(), named: false, unit: true);
        torch.Tensor narrow = torch.zeros([2, 4]);
        Func<object>[] uses = [() => probe.Classifier.Scores(narrow), () => probe.Classifier.Predict(narrow),
            () => probe.Classifier.Accuracy(narrow, [0, 1])];
        Assert.All(uses, use => Assert.Equal("features must be [N, 8], but is [2, 4]. (Parameter 'features')",
            Assert.Throws<ArgumentException>(use).Message));
    }

    [Fact]
    public void A_file_of_a_networks_weights_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var network = KnownMethods.Backbone();
        Safetensors.Save(folder.At("network.safetensors"), network.state_dict());
        Assert.Equal($"'{folder.At("network.safetensors")}' is no classifier: it lacks weight, bias, 'class names' or 'unit features'.",
            Assert.Throws<InvalidDataException>(() => LinearClassifier.Load(folder.At("network.safetensors"))).Message);
    }

    [Theory]
    [InlineData(new long[] { 3, 8 }, new long[] { 3 }, "[", "True", "")]
    [InlineData(new long[] { 3, 8 }, new long[] { 3 }, "{}", "True", "")]
    [InlineData(new long[] { 3, 8 }, new long[] { 3 }, "[]", "perhaps", "it lacks ")]
    [InlineData(new long[] { 3, 8 }, new long[] { 3 }, "[]", null, "it lacks ")]
    [InlineData(new long[] { 3, 8 }, new long[] { 3 }, null, "True", "it lacks ")]
    [InlineData(new long[] { 3, 8 }, new long[] { 3 }, """["ant","bee"]""", "True", "it has 2 names for ")]
    [InlineData(new long[] { 3, 8 }, new long[] { 4 }, "[]", "True", "it has 0 names for ")]
    [InlineData(new long[] { 3, 8 }, new long[] { 3, 1 }, "[]", "True", "it has 0 names for ")]
    [InlineData(new long[] { 3 }, new long[] { 3 }, "[]", "True", "it has 0 names for ")]
    public void A_file_whose_parts_do_not_fit_is_refused(long[] weight, long[] bias, string? names, string? unit, string reason)
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("classifier.safetensors");
        using (torch.Tensor weights = torch.zeros(weight), biases = torch.zeros(bias))
        {
            var texts = new Dictionary<string, string>();
            if (names is not null) texts["class names"] = names;
            if (unit is not null) texts["unit features"] = unit;
            Safetensors.Save(path, new Dictionary<string, torch.Tensor> { ["weight"] = weights, ["bias"] = biases }, texts);
        }

        LiveTensors.AssertNoneLeft(() => Assert.StartsWith($"'{path}' is no classifier: {reason}",
            Assert.Throws<InvalidDataException>(() => LinearClassifier.Load(path)).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_cut_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        using torch.Tensor features = Features();
        using LinearProbe probe = Probe(features, named: true, unit: true);
        probe.Classifier.Save(folder.At("whole.safetensors"));
        string cut = folder.Write("cut.safetensors", File.ReadAllBytes(folder.At("whole.safetensors"))[..^1]);
        Assert.Contains(cut, Assert.Throws<InvalidDataException>(() => LinearClassifier.Load(cut)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_no_tensors()
    {
        using var folder = new TemporaryFolder();
        using torch.Tensor features = Features();
        using LinearProbe probe = Probe(features, named: true, unit: true);
        LiveTensors.AssertNoneLeft(() =>
        {
            probe.Classifier.Save(folder.At("classifier.safetensors"));
            using LinearClassifier read = LinearClassifier.Load(folder.At("classifier.safetensors"));
            using torch.Tensor scores = read.Scores(features), predicted = read.Predict(features);
            read.Accuracy(features, Labels);
        });
    }

    /// <summary>Rows of different lengths, so that it matters whether they are brought to one.</summary>
    private static torch.Tensor Features() => HashedNumbers.Tensor("features", Labels.Length, Width);

    private static LinearProbe Probe(torch.Tensor features, bool named, bool unit)
    {
        var options = new LinearProbeOptions { Epochs = 2, WeightDecays = [0], Normalise = unit };
        return named ? LinearProbe.Train(features, Labels, Names, options) : LinearProbe.Train(features, Labels, 3, options);
    }
}
