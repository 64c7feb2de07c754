namespace S3L.Torch.Tests.Beyond;

public sealed class ForEachTests
{
    [Fact]
    public void Averaging_in_one_call_equals_a_loop()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] targets = [torch.randn(3, 4), torch.randn([2]), torch.randn([2, 1, 3, 3])];
        torch.Tensor[] sources = [.. targets.Select(t => t.clone().normal_())];
        double[][] expected = [.. targets.Zip(sources, (t, s) => t.Doubles().Zip(s.Doubles(), (a, b) => (0.99 * a) + (0.01 * b)).ToArray())];
        float[][] before = [.. sources.Select(s => s.Floats())];

        torch.foreach_.average_(targets, sources, Number(0.99));

        // Two roundings to single precision.
        for (int i = 0; i < targets.Length; i++) TensorValues.AssertClose(expected[i], targets[i].Doubles(), 2.5e-7);
        Assert.Equal(before, sources.Select(s => s.Floats()));
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.0)]
    public void Keeping_all_or_nothing_is_exact(double keep)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor target = torch.ones([2]), source = torch.full([2], 0.3);

        torch.foreach_.average_([target], [source], Number(keep));

        Assert.Equal(keep == 1 ? [1f, 1f] : [0.3f, 0.3f], target.Floats());
    }

    [Theory]
    [InlineData(false, 0.0)]
    [InlineData(false, 1e-2)]
    [InlineData(true, 1e-2)]
    public void Descent_in_one_call_equals_a_loop(bool nesterov, double decay)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor[] weights, torch.Tensor[] gradients) = Unlike(torch.float32);
        torch.Tensor[] momenta = [.. weights.Select(w => w.clone().normal_())];
        double[][] w = Values(weights), g = Values(gradients), v = Values(momenta);
        for (int i = 0; i < w.Length; i++)
        {
            for (int j = 0; j < w[i].Length; j++)
            {
                double direction = g[i][j] + (decay * w[i][j]);
                v[i][j] = (0.9 * v[i][j]) + direction;
                w[i][j] -= 0.1 * (nesterov ? direction + (0.9 * v[i][j]) : v[i][j]);
            }
        }

        torch.foreach_.descend_(weights, gradients, momenta, Number(0.1), 0.9, decay, nesterov);

        // Some roundings to single precision of numbers up to 10.
        for (int i = 0; i < w.Length; i++)
        {
            TensorValues.AssertClose(v[i], momenta[i].contiguous().Doubles(), 2e-6);
            TensorValues.AssertClose(w[i], weights[i].contiguous().Doubles(), 2e-6);
        }

        Assert.Equal(g, Values(gradients));
    }

    /// <summary>Float32 in main memory has loops of its own; float64 goes through libtorch's operators, as on a GPU.</summary>
    public static TheoryData<torch.ScalarType> Types => [torch.float32, torch.float64];

    [Theory]
    [MemberData(nameof(Types))]
    public void AdamW_in_one_call_equals_a_loop(torch.ScalarType type)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor[] weights, torch.Tensor[] gradients) = Unlike(type);
        torch.Tensor[] means = [.. weights.Select(w => w.clone().normal_())], squares = [.. weights.Select(w => w.clone().normal_().square())];
        // The last has joined late.
        long[] steps = [7, 7, 2];
        torch.Tensor[] counts = [.. steps.Select(t => Count(t - 1))];
        double[][] w = Values(weights), g = Values(gradients), m = Values(means), s = Values(squares);
        for (int i = 0; i < w.Length; i++)
        {
            for (int j = 0; j < w[i].Length; j++)
            {
                m[i][j] = (0.8 * m[i][j]) + (0.2 * g[i][j]);
                s[i][j] = (0.95 * s[i][j]) + (0.05 * g[i][j] * g[i][j]);
                double mean = m[i][j] / (1 - Math.Pow(0.8, steps[i])), square = s[i][j] / (1 - Math.Pow(0.95, steps[i]));
                w[i][j] = (w[i][j] * (1 - (0.1 * 0.3))) - (0.1 * mean / (Math.Sqrt(square) + 0.05));
            }
        }

        torch.foreach_.adamw_(weights, gradients, means, squares, counts, Number(0.1), 0.8, 0.95, 0.05, 0.3);

        Assert.Equal(steps, counts.Select(c => c.ToInt64()));
        double tolerance = type == torch.float32 ? 5e-6 : 1e-13;
        for (int i = 0; i < w.Length; i++)
        {
            TensorValues.AssertClose(m[i], means[i].contiguous().Doubles(), tolerance);
            TensorValues.AssertClose(s[i], squares[i].contiguous().Doubles(), tolerance);
            TensorValues.AssertClose(w[i], weights[i].contiguous().Doubles(), tolerance);
        }

        Assert.Equal(g, Values(gradients));
    }

    /// <summary>Type, trust coefficient and weight decay.</summary>
    public static TheoryData<torch.ScalarType, double?, double> LarsCases => new()
    {
        { torch.float32, 0.1, 0.3 },
        { torch.float32, 0.1, 0 },
        { torch.float32, null, 0.3 },
        { torch.float64, 0.1, 0.3 },
        { torch.float64, 0.1, 0 },
        { torch.float64, null, 0.3 },
    };

    [Theory]
    [MemberData(nameof(LarsCases))]
    public void Lars_in_one_call_equals_a_loop(torch.ScalarType type, double? trust, double decay)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor[] weights, torch.Tensor[] gradients) = Unlike(type);
        // Without a length there is no share of it.
        torch.Tensor[] more = [torch.zeros([3], type), torch.ones([3], type)];
        weights = [.. weights, .. more];
        gradients = [.. gradients, torch.ones([3], type), torch.zeros([3], type)];
        torch.Tensor[] momenta = [.. weights.Select(w => w.clone().normal_())];
        double[][] w = Values(weights), g = Values(gradients), v = Values(momenta);
        for (int i = 0; i < w.Length; i++)
        {
            double weightNorm = Math.Sqrt(w[i].Sum(x => x * x)), gradientNorm = Math.Sqrt(g[i].Sum(x => x * x));
            double ratio = trust is { } kappa && weightNorm > 0 && gradientNorm > 0 ? kappa * weightNorm / (gradientNorm + (decay * weightNorm)) : 1;
            for (int j = 0; j < w[i].Length; j++)
            {
                v[i][j] = (0.9 * v[i][j]) + (0.2 * ratio * (g[i][j] + (decay * w[i][j])));
                w[i][j] -= v[i][j];
            }
        }

        torch.foreach_.lars_(weights, gradients, momenta, Number(0.2), 0.9, decay, trust);

        double tolerance = type == torch.float32 ? 5e-6 : 1e-13;
        for (int i = 0; i < w.Length; i++)
        {
            TensorValues.AssertClose(v[i], momenta[i].contiguous().Doubles(), tolerance);
            TensorValues.AssertClose(w[i], weights[i].contiguous().Doubles(), tolerance);
        }

        Assert.Equal(g, Values(gradients));
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit_of_lars()
    {
        int before = torch.get_num_threads();
        try
        {
            Assert.Equal(Run(1), Run(3));
        }
        finally
        {
            torch.set_num_threads(before);
        }

        static float[] Run(int threads)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.set_num_threads(threads);
            torch.manual_seed(1);
            torch.Tensor weight = torch.randn(300, 401), gradient = torch.randn(300, 401), momentum = torch.zeros([300, 401]);
            torch.foreach_.lars_([weight], [gradient], [momentum], Number(1), 0.9, 1e-4, 0.1);
            return weight.Floats();
        }
    }

    /// <summary>Replays take libtorch's operators, so float32 differs from the loops by roundings; float64 takes them both times.</summary>
    [Theory]
    [InlineData("descend", torch.ScalarType.Float64)]
    [InlineData("nesterov", torch.ScalarType.Float64)]
    [InlineData("adamw", torch.ScalarType.Float64)]
    [InlineData("lars", torch.ScalarType.Float64)]
    [InlineData("average", torch.ScalarType.Float64)]
    [InlineData("descend", torch.ScalarType.Float32)]
    [InlineData("nesterov", torch.ScalarType.Float32)]
    [InlineData("adamw", torch.ScalarType.Float32)]
    [InlineData("lars", torch.ScalarType.Float32)]
    [InlineData("average", torch.ScalarType.Float32)]
    public void Replayed_updates_follow_rates_gradients_and_counts_of_the_day(string update, torch.ScalarType type)
    {
        double[][] anew = Run(replay: false), replayed = Run(replay: true);
        for (int i = 0; i < anew.Length; i++) TensorValues.AssertClose(anew[i], replayed[i], type == torch.float64 ? 0 : 1e-5);

        double[][] Run(bool replay)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.manual_seed(3);
            (torch.Tensor[] weights, torch.Tensor[] gradients) = Unlike(type);
            torch.Tensor[] first = [.. weights.Select(w => w.zeros_like())], second = [.. weights.Select(w => w.zeros_like())];
            torch.Tensor[] counts = [Count(0), Count(0), Count(4)];
            torch.Tensor rate = Number(0);
            using var recording = new Recording(torch.CPU);
            for (int step = 1; step <= 4; step++)
            {
                rate.fill_(0.3 / step);
                foreach (torch.Tensor gradient in gradients) gradient.mul_(-1.5);
                if (!replay) Update();
                else if (step == 1) recording.Rehearse(Update);
                else if (step == 2) recording.Record(Update);
                else recording.Replay();
            }

            return Values([.. weights, .. first, .. second, .. counts]);

            void Update()
            {
                if (update == "adamw") torch.foreach_.adamw_(weights, gradients, first, second, counts, rate, 0.8, 0.95, 0.05, 0.3);
                else if (update == "lars") torch.foreach_.lars_(weights, gradients, first, rate, 0.9, 0.01, 0.1);
                else if (update == "average") torch.foreach_.average_(weights, gradients, rate);
                else torch.foreach_.descend_(weights, gradients, first, rate, 0.9, 0.01, update == "nesterov");
            }
        }
    }

    [Fact]
    public void Counts_of_updates_must_fit()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] one = [torch.ones([2])];
        Assert.Equal("steps must have the length of weights, 1, but has 2. (Parameter 'steps')", Refusal([Count(0), Count(0)]));
        Assert.Equal("steps[0] must be a count, an int64 tensor without dimensions, but is Float32[] cpu. (Parameter 'steps')", Refusal([Number(1)
            .to(torch.float32)]));
        Assert.Equal("steps[0] must be a count, an int64 tensor without dimensions, but is Int64[1] cpu. (Parameter 'steps')",
            Refusal([torch.zeros([1], torch.int64)]));
        Assert.Equal([1f, 1f], one[0].Floats());

        string Refusal(torch.Tensor[] steps) =>
            Assert.Throws<ArgumentException>(() => torch.foreach_.adamw_(one, one, one, one, steps, Number(0.1), 0.9, 0.999, 1e-8, 0)).Message;
    }

    [Theory]
    [InlineData("lr")]
    [InlineData("keep")]
    public void A_rate_is_one_number(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] one = [torch.ones([2])];
        torch.Tensor two = torch.ones([2]);
        Action[] updates = name == "keep" ? [() => torch.foreach_.average_(one, one, two)] :
        [
            () => torch.foreach_.descend_(one, one, one, two, 0.9, 0, nesterov: false),
            () => torch.foreach_.adamw_(one, one, one, one, [Count(0)], two, 0.9, 0.999, 1e-8, 0),
            () => torch.foreach_.lars_(one, one, one, two, 0.9, 0, 0.001),
        ];
        foreach (Action update in updates)
        {
            Assert.Equal($"{name} must be a number, a tensor without dimensions, but is Float32[2] cpu. (Parameter '{name}')",
                Assert.Throws<ArgumentException>(update).Message);
        }
    }

    [Fact]
    public void Other_types_take_the_plain_way()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor weight = torch.ones([3], torch.float64), gradient = torch.full([3], 2.0, torch.float64);
        torch.Tensor momentum = torch.zeros([3], torch.float64);

        torch.foreach_.descend_([weight], [gradient], [momentum], Number(0.25), 0.9, 0, nesterov: false);
        torch.foreach_.average_([momentum], [weight], Number(0.5));

        Assert.Equal([0.5, 0.5, 0.5], weight.Doubles());
        Assert.Equal([1.25, 1.25, 1.25], momentum.Doubles());
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.Float64)]
    public void Weights_are_changed_without_a_graph(torch.ScalarType type)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] weight = [torch.ones([3], type)], gradient = [torch.ones([3], type)];
        torch.Tensor[] first = [torch.zeros([3], type)], second = [torch.zeros([3], type)];
        weight[0].requires_grad = true;
        torch.foreach_.descend_(weight, gradient, first, Number(0.1), 0.9, 0.01, nesterov: true);
        torch.foreach_.adamw_(weight, gradient, first, second, [Count(0)], Number(0.1), 0.9, 0.999, 1e-8, 0.01);
        torch.foreach_.lars_(weight, gradient, first, Number(0.1), 0.9, 0.01, 0.001);
        torch.foreach_.average_(first, weight, Number(0.5));
        Assert.True(weight[0].is_leaf);
        Assert.False(first[0].requires_grad);
        Assert.True(weight[0].Doubles()[0] < 1);
    }

    [Fact]
    public void Nothing_is_left_behind_and_empty_lists_are_taken()
    {
        using torch.Tensor target = torch.ones([1]), source = torch.zeros([1]), rate = Number(0.5);
        long before = torch.Tensor.TotalCount;

        torch.foreach_.average_([target], [source], rate);
        torch.foreach_.average_([], [], rate);
        torch.foreach_.adamw_([], [], [], [], [], rate, 0.9, 0.999, 1e-8, 0);
        torch.foreach_.lars_([], [], [], rate, 0.9, 0, 0.001);

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Lists_that_do_not_fit_are_refused()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor two = torch.ones([2]);

        Assert.Equal("sources must have the length of targets, 1, but has 2. (Parameter 'sources')",
            Assert.Throws<ArgumentException>(() => torch.foreach_.average_([two], [two, two], Number(0.5))).Message);
        Assert.Throws<ArgumentNullException>(() => torch.foreach_.average_(null!, [two], Number(0.5)));
        Assert.Throws<ArgumentNullException>(() => torch.foreach_.average_([two], null!, Number(0.5)));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_and_change_nothing()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor two = torch.ones([2]);

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => torch.foreach_.average_([two, two], [two, torch.ones([1])], Number(0.5)));

        Assert.Equal("sources[1] must have the shape of targets[1], Float32[2] cpu, but is Float32[1] cpu. (Parameter 'sources')", thrown.Message);
        Assert.Equal([1f, 1f], two.Floats());
    }

    [Theory]
    [InlineData("descend")]
    [InlineData("adamw")]
    [InlineData("lars")]
    [InlineData("average")]
    public void A_pass_that_needs_the_weights_as_they_were_is_refused(string update)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] weight = [torch.randn(3, 3)], gradient = [torch.randn(3, 3)], first = [torch.zeros(3, 3)], second = [torch.zeros(3, 3)];
        weight[0].requires_grad = true;
        torch.Tensor loss = (torch.randn([2, 3], requires_grad: true).matmul(weight[0])).sum();
        using (torch.no_grad())
        {
            if (update == "descend") torch.foreach_.descend_(weight, gradient, first, Number(0.1), 0.9, 0, nesterov: false);
            else if (update == "adamw") torch.foreach_.adamw_(weight, gradient, first, second, [Count(0)], Number(0.1), 0.9, 0.999, 1e-8, 0);
            else if (update == "lars") torch.foreach_.lars_(weight, gradient, first, Number(0.1), 0.9, 0, 0.001);
            else torch.foreach_.average_(weight, gradient, Number(0.5));
        }

        Assert.Contains("modified by an inplace operation", Assert.Throws<TorchStateException>(() => loss.backward()).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Channels-last weights, a gradient in another layout, and enough numbers for several threads.</summary>
    private static (torch.Tensor[] Weights, torch.Tensor[] Gradients) Unlike(torch.ScalarType type) =>
    (
        [torch.randn([8, 6, 3, 3]).to(type).to_memory_format(MemoryFormat.ChannelsLast), torch.randn(300, 400).to(type), torch.randn([2]).to(type)],
        [torch.randn([8, 6, 3, 3]).to(type), torch.randn(400, 300).to(type).t(), torch.randn([2]).to(type)]
    );

    private static torch.Tensor Number(double value) => torch.full([], value, torch.float64);

    private static torch.Tensor Count(long value) => torch.full([], value, torch.int64);

    private static double[][] Values(torch.Tensor[] tensors) => [.. tensors.Select(t => t.contiguous().Doubles())];
}
