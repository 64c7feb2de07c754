using System.Diagnostics;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Engine;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;

namespace S3L.Core.Evaluation;

/// <summary>Trains a backbone and a linear classifier on labelled pictures, from pretrained weights or from random ones.</summary>
/// <remarks>
/// Source: the fine-tuning of arXiv 2103.13559. Classifier weights start from N(0, 0.01), biases from 0. With mixup each batch is blended with
/// itself in another order, inputs and losses alike. A last batch of one picture is left out.
/// </remarks>
public sealed class FineTuner
{
    /// <summary>A tuner with its settings.</summary>
    public FineTuner(FineTunerOptions? options = null) => Options = options ?? new FineTunerOptions();

    /// <summary>The settings.</summary>
    public FineTunerOptions Options { get; }

    /// <summary>Trains on labelled pictures and measures on others.</summary>
    /// <param name="backbone">The network; trained in place, still the caller's, left in evaluation mode.</param>
    /// <param name="train">Labelled pictures.</param>
    /// <param name="test">Labelled pictures of the same classes.</param>
    /// <param name="resolution">Height and width at which the network sees them, in pixels.</param>
    /// <param name="rows">Numbers of the training pictures to use; null takes all.</param>
    /// <param name="progress">Told after each epoch.</param>
    /// <param name="cancellation">Stops the work between two steps.</param>
    /// <exception cref="ArgumentException">Labels are missing, or classes differ.</exception>
    public FineTuneResult Run(IBackbone backbone, ImageCache train, ImageCache test, int resolution, IReadOnlyList<int>? rows = null,
        IProgress<FineTuneProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        Guard.AtLeast(resolution, backbone.MinimumResolution, nameof(resolution));
        int[] used = Check(train, test, rows);
        torch.Device device = backbone.Network.parameters().First().device;
        EngineSeam.PrepareForTraining(device.type);
        using Linear classifier = torch.nn.Linear(backbone.FeatureDimension, train.ClassNames.Count, device: device);
        torch.nn.init.normal_(classifier.weight!, 0, 0.01);
        torch.nn.init.constant_(classifier.bias!, 0);
        using var batches = new LabelledBatches(train, used, Options, resolution, device);
        (NetworkFormat format, _) = NetworkFormat.Choose(Options.Precision, backbone, resolution, batches.BatchSize, device,
            isReplayed: false, Path.GetDirectoryName(train.File));
        format.ApplyTo(backbone.Network);

        var losses = new List<double>();
        var accuracies = new List<(int, double)>();
        double seconds = 0;
        long begun = Stopwatch.GetTimestamp();
        if (Options.WarmUp is { } warmUp) seconds += WarmUp(warmUp);
        using ParameterUpdate update = Update(backbone, classifier, Options.Optimizer);
        for (int epoch = 0; epoch < Options.Epochs; epoch++)
        {
            backbone.Network.train();
            seconds += Epoch(epoch, Options.Epochs, update, p => Options.LearningRate * Options.LearningRateSchedule.FactorAt(p), Options.MixupAlpha);
            bool last = epoch == Options.Epochs - 1;
            if ((epoch + 1) % Options.MeasureEveryEpochs == 0 || last) accuracies.Add((epoch + 1, Accuracy(backbone, classifier, test, resolution)));
        }

        backbone.Network.eval();
        return new FineTuneResult(accuracies, losses, seconds);

        double WarmUp(StageWarmUp settings)
        {
            FrozenPrefix frozen = backbone.Freeze(settings.FrozenStages, settings.Statistics);
            using ParameterUpdate warm = Update(backbone, classifier, Options.Optimizer);
            double spent = 0;
            for (int epoch = 0; epoch < settings.Epochs; epoch++)
            {
                backbone.Network.train();
                frozen.Apply();
                spent += Epoch(epoch, settings.Epochs, warm, _ => settings.LearningRate, mixup: 0);
            }

            frozen.Unfreeze();
            return spent;
        }

        double Epoch(int epoch, int epochs, ParameterUpdate by, Func<TrainingPosition, double> rate, double mixup)
        {
            long started = Stopwatch.GetTimestamp();
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor sum = torch.zeros([], device: device);
            int steps = batches.StepsPerEpoch;
            for (int step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                long at = ((long)epoch * steps) + step;
                foreach (UpdateGroup group in by.Groups)
                {
                    group.LearningRate = rate(new TrainingPosition(0, epoch, epochs, at, (long)epochs * steps, at, (long)epochs * steps));
                }

                using DisposeScope inner = torch.NewDisposeScope();
                // The warm-up's pictures are not those of the epochs after it.
                (torch.Tensor images, torch.Tensor labels) = batches.Next(losses.Count, step);
                sum.add_(Step(backbone, classifier, format, by, images, labels, mixup));
            }

            losses.Add(sum.ToDouble() / steps);
            progress?.Report(new FineTuneProgress(losses.Count, Options.Epochs + (Options.WarmUp?.Epochs ?? 0), losses[^1],
                Stopwatch.GetElapsedTime(begun)));
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
    }

    private static torch.Tensor Step(IBackbone backbone, Linear classifier, NetworkFormat format, ParameterUpdate update, torch.Tensor images,
        torch.Tensor labels, double mixup)
    {
        (torch.Tensor? order, torch.Tensor? share) = mixup > 0 ? Mixture(images, mixup) : (null, null);
        if (order is not null) images = images * share! + images.index_select(0, order) * (1 - share!);
        torch.Tensor scores;
        using (format.Enter(images.device_type)) scores = classifier.call(backbone.Forward(format.Arrange(images)));
        torch.Tensor full = scores.to(torch.float32);
        torch.Tensor loss = torch.nn.functional.cross_entropy(full, labels);
        if (order is not null) loss = loss * share! + torch.nn.functional.cross_entropy(full, labels.index_select(0, order)) * (1 - share!);
        update.ZeroGrad();
        loss.backward();
        update.Step();
        return loss.detach();
    }

    /// <summary>Another order of the batch, and the share of the first picture in each blend, drawn on the device.</summary>
    private static (torch.Tensor Order, torch.Tensor Share) Mixture(torch.Tensor images, double alpha)
    {
        torch.Tensor gammas = torch._standard_gamma(torch.full([2], alpha, device: images.device)).clamp_min(1e-30);
        return (torch.randperm(images.size(0), device: images.device), gammas.narrow(0, 0, 1).div(gammas.sum()).reshape([]));
    }

    private static ParameterUpdate Update(IBackbone backbone, Linear classifier, OptimizerSettings optimizer)
    {
        (string, Parameter)[] all = [.. backbone.Network.named_parameters().Where(p => p.parameter.requires_grad).Select(p => (p.name, p.parameter)),
            ("classifier.weight", classifier.weight!), ("classifier.bias", classifier.bias!)];
        return optimizer.Create([.. all.GroupBy(p => optimizer.For(p.Item2)).Select(g => new UpdateGroup(g, g.Key.WeightDecay, g.Key.Adapt))]);
    }

    private double Accuracy(IBackbone backbone, Linear classifier, ImageCache test, int resolution)
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor features = FeatureExtractor.Extract(backbone, test, resolution, Options.Augmentation.Statistics);
        torch.Tensor truth = LabelledRows.AsTensor(test.Labels, features.device);
        return LabelledRows.Share(classifier.call(features).argmax(1), truth);
    }

    private static int[] Check(ImageCache train, ImageCache test, IReadOnlyList<int>? rows)
    {
        LabelledRows.CheckClasses(train.ClassNames, test.ClassNames);

        int[] used = rows is null ? [.. Enumerable.Range(0, train.Count)] : [.. rows];
        if (used.Length < 2) throw new ArgumentException($"rows must hold at least 2 pictures, but holds {used.Length}.", nameof(rows));
        if (used.Any(r => r < 0 || r >= train.Count))
        {
            throw new ArgumentException(
                $"rows must be in [0, {train.Count - 1}], but holds {used.First(r => r < 0 || r >= train.Count)}.", nameof(rows));
        }

        return used;
    }
}
