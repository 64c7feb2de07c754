using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.Optimizers;

/// <summary>A few numbers that Trainer trains on a loss of known gradient, so that what it does to parameters is seen from outside.</summary>
/// <param name="Loss">The loss of a step, counted from 0, as a function of the parameters by name.</param>
/// <param name="Parameters">Names with dots as in a state dict, shapes, values before the first step.</param>
internal sealed record SmallTraining(
    Func<int, IReadOnlyDictionary<string, Parameter>, torch.Tensor> Loss, params (string Name, long[] Shape, double[] Start)[] Parameters)
{
    public const string Weight = "layer.weight";
    public const string Bias = "layer.bias";

    private const int Outputs = 3;
    private const int Inputs = 4;

    /// <summary>Parameters that the method wants to keep at the first learning rate.</summary>
    public IReadOnlyList<string> ConstantRate { get; init; } = [];

    /// <summary>Two pictures make one step per epoch of <see cref="Options"/>.</summary>
    public IImageDataset Pictures { get; init; } = Black(2);

    public int ViewCount { get; init; } = 1;

    /// <summary>Shown the views of each step.</summary>
    public Action<IReadOnlyList<torch.Tensor>>? OnViews { get; init; }

    /// <summary>Told each position after its step.</summary>
    public Action<TrainingPosition>? OnStep { get; init; }

    /// <summary>A constant rate, reports at each step.</summary>
    public static TrainerOptions Options(OptimizerSettings optimizer, double learningRate) => new()
    {
        BatchSize = 2,
        LearningRate = learningRate,
        LearningRateSchedule = new LearningRateSchedule { Curve = LearningRateCurve.Constant },
        Optimizer = optimizer,
        Precision = Precision.Float32,
        Guarding = new GuardOptions { Action = GuardAction.Off },
        Threads = 1,
        Device = "cpu",
        ReportEverySteps = 1,
    };

    public static InMemoryImages Black(int count) => new([.. Enumerable.Range(0, count).Select(_ => new RgbImage(4, 4, new byte[48]))]);

    /// <summary>
    /// ½ ‖W x + b − y‖² with W [3, 4] and another x and y at each step, so that gradients depend on step and weights: r xᵀ and r of the
    /// residual r = W x + b − y. tests/Parity/optimizers/generate.py has the same.
    /// </summary>
    /// <param name="biasFrom">The first step at which b is part of the loss; before, it has no gradient.</param>
    public static SmallTraining LeastSquares(int biasFrom = 0) => new(
        (step, p) =>
        {
            torch.Tensor made = p[Weight].matmul(HashedNumbers.Tensor($"input{step}", Inputs));
            if (step >= biasFrom) made = made + p[Bias];
            return (made - HashedNumbers.Tensor($"target{step}", Outputs)).square().sum() / 2;
        },
        (Weight, [Outputs, Inputs], HashedNumbers.Of("weight", Outputs * Inputs)), (Bias, [Outputs], HashedNumbers.Of("bias", Outputs)));

    /// <summary>The weights of <see cref="LeastSquares"/> under a rule of update, in loops and double precision.</summary>
    /// <param name="steps">How many.</param>
    /// <param name="update">Changes weights by their gradient: step, name, weights, gradient.</param>
    /// <param name="biasFrom">As in <see cref="LeastSquares"/>.</param>
    public static List<Dictionary<string, double[]>> LeastSquaresInLoops(int steps, Action<int, string, double[], double[]> update,
        int biasFrom = 0)
    {
        double[] weight = HashedNumbers.Of("weight", Outputs * Inputs), bias = HashedNumbers.Of("bias", Outputs);
        var all = new List<Dictionary<string, double[]>>();
        Keep();
        for (int step = 0; step < steps; step++)
        {
            double[] x = HashedNumbers.Of($"input{step}", Inputs), y = HashedNumbers.Of($"target{step}", Outputs);
            double[] residual = new double[Outputs], slope = new double[Outputs * Inputs];
            for (int o = 0; o < Outputs; o++)
            {
                residual[o] = (step >= biasFrom ? bias[o] : 0) - y[o];
                for (int i = 0; i < Inputs; i++) residual[o] += weight[(o * Inputs) + i] * x[i];
                for (int i = 0; i < Inputs; i++) slope[(o * Inputs) + i] = residual[o] * x[i];
            }

            update(step, Weight, weight, slope);
            if (step >= biasFrom) update(step, Bias, bias, residual);
            Keep();
        }

        return all;

        void Keep() => all.Add(new() { [Weight] = [.. weight], [Bias] = [.. bias] });
    }

    /// <summary>Σ slope · w: gradients that depend on the step alone. A parameter whose slope is null at a step has no gradient there.</summary>
    public static SmallTraining Sloped(Func<int, string, double[]?> slope, params (string Name, long[] Shape, double[] Start)[] parameters) => new(
        (step, p) =>
        {
            torch.Tensor sum = torch.zeros([]);
            foreach ((string name, long[] shape, _) in parameters)
            {
                if (slope(step, name) is not { } slopes) continue;
                float[] values = [.. slopes.Select(v => (float)v)];
                sum = sum + (p[name] * torch.tensor(values, shape)).sum();
            }

            return sum;
        },
        parameters);

    /// <summary>The same slopes at each step.</summary>
    public static SmallTraining Sloped(params (string Name, long[] Shape, double[] Start, double[] Slope)[] parameters) => Sloped(
        (_, name) => parameters.First(p => p.Name == name).Slope, [.. parameters.Select(p => (p.Name, p.Shape, p.Start))]);

    /// <summary>The largest error of any parameter at any step, as a share of how far it should have moved by then.</summary>
    public static double LargestError(List<Dictionary<string, double[]>> expected, List<Dictionary<string, double[]>> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        double largest = 0;
        for (int step = 1; step < expected.Count; step++)
        {
            Assert.Equal(expected[step].Keys.Order(), actual[step].Keys.Order());
            foreach (string name in expected[step].Keys)
            {
                double error = TensorValues.RelativeError(Moved(expected, name), Moved(actual, name));
                Assert.False(double.IsNaN(error), $"{name} is no number after step {step}.");
                largest = Math.Max(largest, error);
            }

            double[] Moved(List<Dictionary<string, double[]>> run, string name) =>
                [.. run[step][name].Zip(run[0][name], (now, before) => now - before)];
        }

        return largest;
    }

    /// <summary>The same against tests/Parity/optimizers: eight steps, of which the last four may have a tenth of the rate.</summary>
    public static double LargestErrorToPyTorch(string name, TrainerOptions options)
    {
        const int Steps = 8;
        using var stored = new StoredTensors("optimizers", "values");
        List<Dictionary<string, double[]>> expected = LeastSquaresInLoops(0, (_, _, _, _) => { });
        double[] weights = stored[$"{name}.{Weight}"].Doubles(), biases = stored[$"{name}.{Bias}"].Doubles();
        expected.AddRange(weights.Chunk(Outputs * Inputs).Zip(biases.Chunk(Outputs), (w, b) => new Dictionary<string, double[]>
        {
            [Weight] = w,
            [Bias] = b,
        }));

        if (name.EndsWith(".falling", StringComparison.Ordinal))
        {
            options = options with { LearningRateSchedule = new LearningRateSchedule { Curve = LearningRateCurve.Steps, Milestones = [0.5] } };
        }

        SmallTraining training = LeastSquares(biasFrom: name.EndsWith(".late", StringComparison.Ordinal) ? 3 : 0);
        return LargestError(expected, training.Run(options, Steps).Weights);
    }

    /// <summary>Runs as many epochs at four pixels.</summary>
    public Trace Run(TrainerOptions options, int epochs) => Run(options, ResolutionSchedule.Constant(4, epochs));

    public Trace Run(TrainerOptions options, ResolutionSchedule schedule)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var method = new Method(this);
        var trace = new Trace([method.Values()], []);
        new Trainer(options).Run(method, Pictures, schedule, new Listener(report =>
        {
            trace.Weights.Add(method.Values());
            trace.Reports.Add(report);
        }));
        return trace;
    }

    /// <param name="Weights">All parameters before the first step and after each.</param>
    /// <param name="Reports">What Trainer said after each step.</param>
    internal sealed record Trace(List<Dictionary<string, double[]>> Weights, List<TrainingProgress> Reports)
    {
        public double[] Final(string name) => Weights[^1][name];
    }

    private sealed class Listener(Action<TrainingProgress> listen) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => listen(value);
    }

    private sealed class Method : IContrastiveMethod
    {
        private readonly SmallTraining _training;
        private readonly Dictionary<string, Parameter> _parameters = [];
        private readonly Parts _state = new("small");
        private int _step;

        public Method(SmallTraining training)
        {
            _training = training;
            foreach ((string name, long[] shape, double[] start) in training.Parameters)
            {
                float[] values = [.. start.Select(v => (float)v)];
                _parameters[name] = new Parameter(torch.tensor(values, shape));
                _state.Add(name, _parameters[name]);
            }
        }

        public string Name => "small";

        public int ViewCount => _training.ViewCount;

        public IBackbone Backbone { get; } = new NoBackbone();

        public torch.nn.Module State => _state;

        public IEnumerable<Parameter> ConstantRateParameters => _training.ConstantRate.Select(name => _parameters[name]);

        public Dictionary<string, double[]> Values() => _parameters.ToDictionary(p => p.Key, p => p.Value.Doubles());

        public void Begin(TrainingRun run)
        {
        }

        public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
        {
            _training.OnViews?.Invoke(views);
            return new MethodOutput(_training.Loss(_step++, _parameters), views[0].mean([2, 3]));
        }

        public void AfterStep(TrainingPosition position) => _training.OnStep?.Invoke(position);

        public void Dispose()
        {
            _state.Dispose();
            Backbone.Dispose();
        }
    }

    private sealed class Parts(string name) : torch.nn.Module(name)
    {
        private readonly Dictionary<string, Parts> _parts = [];

        public void Add(string path, Parameter parameter)
        {
            string[] names = path.Split('.', 2);
            if (names.Length == 1)
            {
                register_parameter(path, parameter);
                return;
            }

            if (!_parts.ContainsKey(names[0])) register_module(names[0], _parts[names[0]] = new Parts(names[0]));
            _parts[names[0]].Add(names[1], parameter);
        }
    }

    private sealed class NoBackbone : IBackbone
    {
        public string Name => "none";

        public long FeatureDimension => 3;

        public int MinimumResolution => 1;

        public IReadOnlyList<BackboneStage> Stages => [];

        public int StageCount => 1;

        public int FullStageCount => 1;

        public torch.nn.Module Network { get; } = new Parts("none");

        public torch.Tensor Forward(torch.Tensor images) => throw new NotSupportedException();

        public IBackbone CreateTwin() => throw new NotSupportedException();

        public IBackbone WithStages(int count) => throw new NotSupportedException();

        public void Dispose() => Network.Dispose();
    }
}
