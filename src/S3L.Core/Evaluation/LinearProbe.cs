using S3L.Core.Schedules;

namespace S3L.Core.Evaluation;

/// <summary>
/// A linear classifier on features that are computed once: what a frozen backbone's features are worth. A hundred epochs take seconds.
/// </summary>
/// <remarks>Source: the linear evaluation of arXiv 2103.13559 and of MoCo, without its augmentation of the training pictures.</remarks>
public sealed class LinearProbe : IDisposable
{
    private const double Momentum = 0.9;

    private LinearProbe(LinearClassifier classifier, LinearProbeOptions options, double weightDecay)
    {
        Classifier = classifier;
        Options = options;
        WeightDecay = weightDecay;
    }

    /// <summary>What was learned; it lasts as long as the probe.</summary>
    public LinearClassifier Classifier { get; }

    /// <summary>The settings.</summary>
    public LinearProbeOptions Options { get; }

    /// <summary>The weight decay that was chosen.</summary>
    public double WeightDecay { get; }

    /// <summary>Trains a probe.</summary>
    /// <param name="features">[M, D].</param>
    /// <param name="labels">M labels from 0 to classes − 1.</param>
    /// <param name="classes">How many classes there are; at least 2.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the work between two epochs.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a label is out of range.</exception>
    public static LinearProbe Train(torch.Tensor features, IReadOnlyList<int> labels, int classes, LinearProbeOptions? options = null,
        CancellationToken cancellation = default) => Train(features, labels, classes, [], options, cancellation);

    /// <summary>Trains a probe whose classifier knows the names of its classes.</summary>
    /// <param name="features">[M, D].</param>
    /// <param name="labels">M labels, numbers of names.</param>
    /// <param name="classNames">Names of the classes; at least 2.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the work between two epochs.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a label is out of range.</exception>
    public static LinearProbe Train(torch.Tensor features, IReadOnlyList<int> labels, IReadOnlyList<string> classNames,
        LinearProbeOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        return Train(features, labels, classNames.Count, classNames, options, cancellation);
    }

    private static LinearProbe Train(torch.Tensor features, IReadOnlyList<int> labels, int classes, IReadOnlyList<string> classNames,
        LinearProbeOptions? options, CancellationToken cancellation)
    {
        Guard.Rows(features, 1, nameof(features));
        Guard.AtLeast(classes, 2, nameof(classes));
        LabelledRows.Check(features, labels, classes);
        options ??= new LinearProbeOptions();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = LinearClassifier.Prepare(features, options.Normalise);
        torch.Tensor truth = LabelledRows.AsTensor(labels, features.device);
        if (options.WeightDecays.Count > 1 && labels.Count < 2)
        {
            throw new ArgumentException($"features must hold at least 2 rows where one of {options.WeightDecays.Count} weight decays is to be " +
                $"chosen, but hold {labels.Count}.", nameof(features));
        }

        double decay = options.WeightDecays.Count == 1 ? options.WeightDecays[0] : Choose(rows, truth, classes, options, cancellation);
        Linear layer = Fit(rows, truth, classes, options, decay, cancellation);
        return new LinearProbe(new LinearClassifier(layer, options.Normalise, classNames), options, decay);
    }

    /// <summary>Frees the classifier.</summary>
    public void Dispose() => Classifier.Dispose();

    private static double Choose(torch.Tensor rows, torch.Tensor truth, int classes, LinearProbeOptions options, CancellationToken cancellation)
    {
        int[] order = [.. Enumerable.Range(0, (int)rows.size(0))];
        new CounterRandom(options.Seed, -1).Shuffle(order.AsSpan());
        int held = Math.Clamp((int)(order.Length * options.ChoiceFraction), 1, order.Length - 1);
        torch.Tensor heldOut = LabelledRows.AsTensor(order[..held], rows.device);
        torch.Tensor kept = LabelledRows.AsTensor(order[held..], rows.device);
        (torch.Tensor x, torch.Tensor y) = (rows.index_select(0, kept), truth.index_select(0, kept));
        (torch.Tensor testX, torch.Tensor testY) = (rows.index_select(0, heldOut), truth.index_select(0, heldOut));
        return options.WeightDecays.MaxBy(decay =>
        {
            using Linear layer = Fit(x, y, classes, options, decay, cancellation);
            using IDisposable quiet = torch.no_grad();
            using DisposeScope scope = torch.NewDisposeScope();
            return LabelledRows.Share(layer.call(testX).argmax(1), testY);
        });
    }

    private static Linear Fit(torch.Tensor rows, torch.Tensor truth, int classes, LinearProbeOptions options, double decay,
        CancellationToken cancellation)
    {
        Linear layer = LinearClassifier.NewLayer(rows.size(1), classes, rows.device);
        try
        {
            Descend(layer, rows, truth, options, decay, cancellation);
            return layer;
        }
        catch
        {
            layer.Dispose();
            throw;
        }
    }

    private static void Descend(Linear layer, torch.Tensor rows, torch.Tensor truth, LinearProbeOptions options, double decay,
        CancellationToken cancellation)
    {
        var settings = new Optimizers.SgdSettings { Momentum = Momentum, WeightDecay = decay };
        var group = new Optimizers.UpdateGroup([("weight", layer.weight!), ("bias", layer.bias!)], decay, adapt: true);
        using Optimizers.ParameterUpdate update = settings.Create([group]);
        var curve = new LearningRateSchedule { Curve = LearningRateCurve.Steps, PerEpoch = true };
        int count = (int)rows.size(0);
        int batch = Math.Min(options.BatchSize, count);
        long steps = (count + batch - 1) / batch;
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = torch.NewDisposeScope();
            int[] order = [.. Enumerable.Range(0, count)];
            new CounterRandom(options.Seed, epoch).Shuffle(order.AsSpan());
            torch.Tensor numbers = LabelledRows.AsTensor(order, rows.device);
            (long at, long all) = (epoch * steps, options.Epochs * steps);
            var position = new TrainingPosition(0, epoch, options.Epochs, at, all, at, all);
            group.LearningRate = options.LearningRate * curve.FactorAt(position);
            for (int start = 0; start < count; start += batch)
            {
                using DisposeScope inner = torch.NewDisposeScope();
                torch.Tensor chosen = numbers.narrow(0, start, Math.Min(batch, count - start));
                torch.Tensor loss = torch.nn.functional.cross_entropy(layer.call(rows.index_select(0, chosen)), truth.index_select(0, chosen));
                update.ZeroGrad();
                loss.backward();
                update.Step();
            }
        }
    }
}
