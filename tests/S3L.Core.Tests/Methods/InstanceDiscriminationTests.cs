using S3L.Core.Backbones;
using S3L.Core.Losses;
using S3L.Core.Methods;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

public sealed class InstanceDiscriminationTests
{
    // The same small network, and sums of some dozen float32 products.
    private const double Tolerance = 1e-5;

    private const int ImageCount = 12;
    private const int Width = 6;

    // Neither in order nor side by side, so that numbers of rows and of candidates differ.
    internal static readonly long[] Batch = [3, 0, 7, 5];

    internal static readonly InstanceDiscriminationOptions Plain = new()
    {
        HiddenWidth = 8,
        EmbeddingDimension = Width,
        OtherCandidates = 0,
        CutMixAlpha = 0,
        DistillationWeight = 0,
    };

    [Fact]
    public void Every_row_of_the_bank_starts_as_its_images_embedding()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using InstanceDiscrimination method = Method(Plain);
        Assert.Equal([ImageCount, Width], method.Bank!.shape);
        Assert.Equal(method.Bank.Doubles(), method.State.state_dict()["bank.rows"].Doubles());
        Assert.False(method.Bank.requires_grad);
        double[][] bank = Rows(method.Bank);
        int seen = 0;
        foreach ((torch.Tensor images, torch.Tensor indices) in EveryImage())
        {
            double[][] expected = Rows(Embed(method, images));
            foreach ((double[] row, long index) in expected.Zip(indices.Longs())) AssertClose(row, bank[index]);
            seen += expected.Length;
        }

        Assert.Equal(ImageCount, seen);
        AssertUnit(bank);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 10)]
    public void A_pass_that_leaves_images_out_is_refused(int batches, int images)
    {
        using var method = new InstanceDiscrimination(KnownMethods.Backbone(), Plain);
        var run = new TrainingRun(ImageCount, 50, torch.CPU) { EveryImage = EveryImage().Take(batches) };
        Assert.Equal($"run.EveryImage must pass all 12 images, but passed {images}. (Parameter 'run')",
            Assert.Throws<ArgumentException>(() => method.Begin(run)).Message);
        Assert.Null(method.Bank);
        using DisposeScope scope = torch.NewDisposeScope();
        Assert.Equal("Begin must be called before Forward: it fills the bank.", Assert.Throws<InvalidOperationException>(() =>
            method.Forward([Images()], Indices())).Message);
    }

    [Fact]
    public void A_pass_that_breaks_off_leaves_no_bank()
    {
        using var method = new InstanceDiscrimination(KnownMethods.Backbone(), Plain);
        var run = new TrainingRun(ImageCount, 50, torch.CPU) { EveryImage = Broken() };
        Assert.Throws<OperationCanceledException>(() => method.Begin(run));
        Assert.Null(method.Bank);

        static IEnumerable<(torch.Tensor Images, torch.Tensor Indices)> Broken() =>
            EveryImage().Select((batch, i) => i < 1 ? batch : throw new OperationCanceledException());
    }

    [Fact]
    public void Beginning_again_fills_the_bank_anew_but_cannot_change_its_length()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using InstanceDiscrimination method = Method(Plain);
        double[][] first = Rows(method.Bank!);
        Learn(method);
        method.Begin(Run());
        AssertClose(first, Rows(method.Bank!));
        using (torch.no_grad()) method.State.state_dict()["projector.layers.0.weight"].mul_(-1);
        method.Begin(Run());
        Assert.True(TensorValues.RelativeError(Flat(first), method.Bank!.Doubles()) > 0.1);
        Assert.Equal("bank.rows is [12, 6] and cannot become [11, 6]: a method that was trained once keeps its sizes.",
            Assert.Throws<InvalidOperationException>(() => method.Begin(new TrainingRun(11, 50, torch.CPU) { IsResumed = true })).Message);
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.9, 0)]
    [InlineData(0.5, 3)]
    [InlineData(1.0, 0)]
    public void By_the_momentum_rule_a_row_moves_towards_its_image_and_others_rest(double m, int others)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using InstanceDiscrimination method = Method(Plain with { BankRule = BankRule.Momentum, BankMomentum = m, OtherCandidates = others });
        double[][] expected = Rows(method.Bank!);
        for (int step = 0; step < 3; step++)
        {
            double[][] z = Rows(Learn(method, step).Embeddings);
            for (int i = 0; i < Batch.Length; i++)
            {
                double[] row = expected[Batch[i]];
                expected[Batch[i]] = Unit([.. row.Select((w, e) => (m * w) + ((1 - m) * z[i][e]))]);
            }

            double[][] actual = Rows(method.Bank!);
            AssertClose(expected, actual);
            foreach (int other in Enumerable.Range(0, ImageCount).Where(i => !Batch.Contains(i))) Assert.Equal(expected[other], actual[other]);
        }
    }

    [Theory]
    [InlineData(false, 0.2, 0.5)]
    [InlineData(false, 0.1, 0.8)]
    [InlineData(true, 0.2, 0.5)]
    public void By_the_corrected_rule_every_candidate_moves_as_its_error_asks(bool batchOnly, double temperature, double m)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using InstanceDiscrimination method = Method(Plain with { BatchOnly = batchOnly, Temperature = temperature, BankMomentum = m });
        double[][] expected = Rows(method.Bank!);
        long[] candidates = batchOnly ? Batch : [.. Enumerable.Range(0, ImageCount)];
        for (int step = 0; step < 3; step++)
        {
            double[][] z = Rows(Learn(method, step).Embeddings);
            Correct(expected, candidates, z, temperature, m);
            AssertClose(expected, Rows(method.Bank!));
        }
    }

    [Theory]
    [InlineData(0.1, 0.5)]
    [InlineData(0.2, 0.5)]
    [InlineData(0.5, 0.8)]
    [InlineData(0.2, 1.0)]
    public void The_corrected_rule_is_a_descent_step_of_the_summed_loss_on_the_bank(double temperature, double m)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using InstanceDiscrimination method = Method(Plain with { Temperature = temperature, BankMomentum = m });
        torch.Tensor bank = method.Bank!.clone().requires_grad_();
        MethodOutput output = Learn(method);
        torch.Tensor loss = new InstanceDiscriminationLoss(temperature).Compute(output.Embeddings.matmul(bank.t()), Indices());
        Assert.Equal(loss.ToDouble(), output.Loss.ToDouble(), Tolerance * loss.ToDouble());
        AssertClose(Descended(bank, loss, temperature, m), Rows(method.Bank!));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Sampled_candidates_are_the_batchs_own_and_others_each_once(int others)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using InstanceDiscrimination method = Method(Plain with { OtherCandidates = others });
        var drawn = new HashSet<long>();
        for (int step = 0; step < 30; step++)
        {
            torch.manual_seed(step).Dispose();
            double[][] bank = Rows(method.Bank!);
            torch.Tensor before = method.Bank!.clone();
            MethodOutput output = Learn(method, step);
            // The corrected rule moves candidates and nothing else, which tells who they were. One that were there twice would count twice.
            double[][] after = Rows(method.Bank!);
            long[] candidates = [.. Enumerable.Range(0, ImageCount).Where(i => !bank[i].SequenceEqual(after[i]))];
            Assert.Equal(Batch.Length + others, candidates.Length);
            Assert.Empty(Batch.Except(candidates));
            torch.Tensor cosines = output.Embeddings.matmul(before.index_select(0, torch.tensor(candidates)).t());
            torch.Tensor own = torch.tensor([.. Batch.Select(b => (long)Array.IndexOf(candidates, b))]);
            double expected = new InstanceDiscriminationLoss(Plain.Temperature).Compute(cosines, own).ToDouble();
            Assert.Equal(expected, output.Loss.ToDouble(), Tolerance * Math.Max(1, expected));
            Correct(bank, candidates, Rows(output.Embeddings), Plain.Temperature, Plain.BankMomentum);
            AssertClose(bank, after);
            drawn.UnionWith(candidates);
        }

        Assert.Equal(ImageCount, drawn.Count);
    }

    [Theory]
    [InlineData(0, false, 12)]
    [InlineData(7, false, 11)]
    [InlineData(8, false, 12)]
    [InlineData(9, false, 12)]
    [InlineData(10_000, false, 12)]
    [InlineData(0, true, 4)]
    [InlineData(3, true, 4)]
    public void More_candidates_than_there_are_mean_the_whole_bank(int others, bool batchOnly, int expected)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using InstanceDiscrimination method = Method(Plain with { OtherCandidates = others, BatchOnly = batchOnly });
        double[][] before = Rows(method.Bank!);
        Learn(method);
        Assert.Equal(expected, Rows(method.Bank!).Zip(before).Count(p => !p.First.SequenceEqual(p.Second)));
        AssertUnit(Rows(method.Bank!));
    }

    [Theory]
    [InlineData(BankRule.Corrected)]
    [InlineData(BankRule.Momentum)]
    public void The_bank_learns_once_and_after_the_step(BankRule rule)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using InstanceDiscrimination method = Method(Plain with { BankRule = rule }), straight = Method(Plain with { BankRule = rule });
        double[] before = method.Bank!.Doubles();
        method.AfterStep(KnownMethods.Position(0, 2));
        // A pass that no step follows is forgotten.
        method.Forward([Images(1)], Indices());
        MethodOutput output = method.Forward([Images()], Indices());
        Assert.Equal(before, method.Bank!.Doubles());
        Assert.Equal(method.Bank!.index_select(0, Indices()).Doubles(), output.Positives!.Doubles());
        output.Loss.backward();
        method.AfterStep(KnownMethods.Position(0, 2));
        double[] after = method.Bank!.Doubles();
        Assert.NotEqual(before, after);
        method.AfterStep(KnownMethods.Position(1, 2));
        Assert.Equal(after, method.Bank!.Doubles());
        Learn(straight);
        Assert.Equal(after, straight.Bank!.Doubles());
    }

    [Theory]
    [InlineData(KlDirection.FromOutput, 0.5, 20)]
    [InlineData(KlDirection.FromOutput, 0.25, 3)]
    [InlineData(KlDirection.FromTarget, 0.5, 20)]
    public void Self_distillation_is_added_with_its_weight_and_does_not_teach_the_bank(KlDirection direction, double exponent, double weight)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using InstanceDiscrimination plain = Method(Plain), method = Method(Plain with
        {
            DistillationWeight = weight,
            DistillationExponent = exponent,
            DistillationDirection = direction,
        });
        double[][] bank = Rows(method.Bank!);
        MethodOutput output = Learn(method);
        double divergence = Rows(output.Embeddings).Average(z =>
        {
            double[] p = Softmax([.. bank.Select(w => Dot(z, w))]), u = [.. p.Select(x => Math.Pow(x, exponent))];
            u = [.. u.Select(x => x / u.Sum())];
            return direction == KlDirection.FromOutput
                ? p.Zip(u, (a, b) => a * (Math.Log(a) - Math.Log(b))).Sum()
                : p.Zip(u, (a, b) => b * (Math.Log(b) - Math.Log(a))).Sum();
        });
        Assert.True(divergence > 1e-3);
        double discrimination = Learn(plain).Loss.ToDouble();
        Assert.Equal(discrimination + (weight * divergence), output.Loss.ToDouble(), Tolerance * (discrimination + weight));
        Assert.Equal(plain.Bank!.Doubles(), method.Bank!.Doubles());
    }

    [Theory]
    [InlineData(1, "0.weight 5x4,0.bias 5")]
    [InlineData(2, "0.weight 7x4,1.weight 7,1.bias 7,3.weight 5x7,3.bias 5")]
    [InlineData(3, "0.weight 7x4,1.weight 7,1.bias 7,3.weight 7x7,4.weight 7,4.bias 7,6.weight 5x7,6.bias 5")]
    public void The_projector_has_normalised_hidden_layers_and_a_plain_last_one(int layers, string expected)
    {
        using var method = new InstanceDiscrimination(KnownMethods.Backbone(),
            new InstanceDiscriminationOptions { HeadLayers = layers, HiddenWidth = 7, EmbeddingDimension = 5 });
        Assert.Equal(expected, string.Join(",", method.State.named_parameters()
            .Where(p => p.name.StartsWith("projector.", StringComparison.Ordinal))
            .Select(p => $"{p.name["projector.layers.".Length..]} {string.Join("x", p.parameter.shape)}")));
    }

    [Fact]
    public void Numbers_of_images_are_needed()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using InstanceDiscrimination method = Method(Plain);
        Assert.Equal("indices", Assert.Throws<ArgumentNullException>(() => method.Forward([Images()], null!)).ParamName);
    }

    internal static InstanceDiscrimination Method(InstanceDiscriminationOptions options, IBackbone? backbone = null)
    {
        torch.manual_seed(11).Dispose();
        var method = new InstanceDiscrimination(backbone ?? KnownMethods.Backbone(), options);
        method.Begin(Run());
        return method;
    }

    private static TrainingRun Run() => new(ImageCount, 50, torch.CPU) { EveryImage = EveryImage() };

    /// <summary>Five, five and two images, not in order.</summary>
    private static IEnumerable<(torch.Tensor Images, torch.Tensor Indices)> EveryImage()
    {
        // Seven and twelve have no common divisor, so that each number comes once.
        foreach (long[] numbers in Enumerable.Range(0, ImageCount).Select(i => (long)(7 * i % ImageCount)).Chunk(5))
        {
            using DisposeScope scope = torch.NewDisposeScope();
            yield return (KnownMethods.Images($"from {numbers[0]}", numbers.Length), torch.tensor(numbers));
        }
    }

    internal static torch.Tensor Images(int step = 0) => KnownMethods.Images($"step {step}", Batch.Length);

    internal static torch.Tensor Indices() => torch.tensor(Batch);

    /// <summary>A forward pass, and what the bank makes of it.</summary>
    private static MethodOutput Learn(InstanceDiscrimination method, int step = 0)
    {
        MethodOutput output = method.Forward([Images(step)], Indices());
        using (torch.no_grad()) method.AfterStep(KnownMethods.Position(step, 50));
        return output;
    }

    private static torch.Tensor Embed(InstanceDiscrimination method, torch.Tensor images)
    {
        var projector = (MlpHead)method.State.named_children().Single(c => c.name == "projector").module;
        return UnitRows.Of(projector.call(method.Backbone.Forward(images)));
    }

    /// <summary>w_c ← normalise(w_c + ((1 − m)/m) Σ_i (y_ic − p_ic) z_i), in loops.</summary>
    private static void Correct(double[][] bank, long[] candidates, double[][] z, double temperature, double m)
    {
        double[][] p = [.. z.Select(row => Softmax([.. candidates.Select(c => Dot(row, bank[c]) / temperature)]))];
        for (int c = 0; c < candidates.Length; c++)
        {
            double[] row = [.. bank[candidates[c]]];
            for (int i = 0; i < z.Length; i++)
            {
                double error = (candidates[c] == Batch[i] ? 1 : 0) - p[i][c];
                for (int e = 0; e < row.Length; e++) row[e] += (1 - m) / m * error * z[i][e];
            }

            bank[candidates[c]] = Unit(row);
        }
    }

    /// <summary>normalise(W − η ∂(N L)/∂W) with η = τ (1 − m)/m, by autograd.</summary>
    internal static double[][] Descended(torch.Tensor bank, torch.Tensor loss, double temperature, double m)
    {
        (loss * Batch.Length).backward();
        return Rows(UnitRows.Of(bank.detach() - (bank.grad! * (temperature * (1 - m) / m))));
    }

    private static double[] Softmax(double[] logits)
    {
        double[] powers = [.. logits.Select(Math.Exp)];
        return [.. powers.Select(x => x / powers.Sum())];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Unit(double[] row) => [.. row.Select(x => x / Math.Sqrt(Dot(row, row)))];

    internal static double[][] Rows(torch.Tensor tensor) => [.. tensor.Doubles().Chunk(Width)];

    private static double[] Flat(double[][] rows) => [.. rows.SelectMany(r => r)];

    internal static void AssertClose(double[][] expected, double[][] actual) => AssertClose(Flat(expected), Flat(actual));

    private static void AssertClose(double[] expected, double[] actual) =>
        Assert.InRange(TensorValues.RelativeError(expected, actual), 0, Tolerance);

    // Squares of six float32 numbers.
    private static void AssertUnit(double[][] rows) => Assert.All(rows, r => Assert.Equal(1, Dot(r, r), 1e-5));
}
