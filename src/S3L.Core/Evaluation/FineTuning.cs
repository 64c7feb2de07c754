using System.Diagnostics;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Engine;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;

namespace S3L.Core.Evaluation;

/// <summary>One run of a <see cref="FineTuner"/>, whose arguments are checked.</summary>
internal sealed class FineTuning(FineTunerOptions options, IBackbone backbone, ImageCache train, ImageCache test, int resolution,
    int[] rows, IProgress<FineTuneProgress>? progress, CancellationToken cancellation) : IDisposable
{
    private readonly torch.Device _device = backbone.Network.parameters().First().device;
    private readonly LinearClassifier _classifier = new(LinearClassifier.NewLayer(backbone.FeatureDimension, train.ClassNames.Count,
        backbone.Network.parameters().First().device), takesUnitFeatures: false, train.ClassNames);
    private readonly List<double> _losses = [];
    private readonly long _begun = Stopwatch.GetTimestamp();
    private bool _isDone;

    internal FineTuneResult Execute()
    {
        EngineSeam.PrepareForTraining(_device.type);
        using var batches = new LabelledBatches(train, rows, options, resolution, _device);
        (NetworkFormat format, _) = NetworkFormat.Choose(options.Precision, backbone, resolution, batches.BatchSize, _device,
            isReplayed: false, Path.GetDirectoryName(train.File));
        format.ApplyTo(backbone.Network);

        var accuracies = new List<(int, double)>();
        double seconds = options.WarmUp is { } warmUp ? WarmUp(warmUp, batches, format) : 0;
        using ParameterUpdate update = NewUpdate();
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            backbone.Network.train();
            seconds += Epoch(epoch, options.Epochs, batches, format, update,
                p => options.LearningRate * options.LearningRateSchedule.FactorAt(p), options.MixupAlpha);
            bool last = epoch == options.Epochs - 1;
            if ((epoch + 1) % options.MeasureEveryEpochs == 0 || last) accuracies.Add((epoch + 1, Accuracy()));
        }

        _isDone = true;
        return new FineTuneResult(accuracies, _losses, seconds, _classifier);
    }

    /// <summary>Leaves the backbone in evaluation mode; the classifier goes with the result, if there is one.</summary>
    public void Dispose()
    {
        backbone.Network.eval();
        if (!_isDone) _classifier.Dispose();
    }

    private double WarmUp(StageWarmUp settings, LabelledBatches batches, NetworkFormat format)
    {
        FrozenPrefix frozen = backbone.Freeze(settings.FrozenStages, settings.Statistics);
        try
        {
            using ParameterUpdate update = NewUpdate();
            double spent = 0;
            for (int epoch = 0; epoch < settings.Epochs; epoch++)
            {
                backbone.Network.train();
                frozen.Apply();
                spent += Epoch(epoch, settings.Epochs, batches, format, update, _ => settings.LearningRate, mixup: 0);
            }

            return spent;
        }
        finally
        {
            // Else a caller who stops the work keeps a network whose first stages no later training reaches.
            frozen.Unfreeze();
        }
    }

    /// <summary>One pass over the labelled pictures.</summary>
    /// <returns>Its seconds.</returns>
    private double Epoch(int epoch, int epochs, LabelledBatches batches, NetworkFormat format, ParameterUpdate update,
        Func<TrainingPosition, double> rate, double mixup)
    {
        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor sum = torch.zeros([], device: _device);
        int steps = batches.StepsPerEpoch;
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            long at = ((long)epoch * steps) + step;
            foreach (UpdateGroup group in update.Groups)
            {
                group.LearningRate = rate(new TrainingPosition(0, epoch, epochs, at, (long)epochs * steps, at, (long)epochs * steps));
            }

            using DisposeScope inner = torch.NewDisposeScope();
            // The warm-up's pictures are not those of the epochs after it.
            (torch.Tensor images, torch.Tensor labels) = batches.Next(_losses.Count, step);
            sum.add_(Step(format, update, images, labels, mixup));
        }

        _losses.Add(sum.ToDouble() / steps);
        progress?.Report(new FineTuneProgress(_losses.Count, options.Epochs + (options.WarmUp?.Epochs ?? 0), _losses[^1],
            Stopwatch.GetElapsedTime(_begun)));
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private torch.Tensor Step(NetworkFormat format, ParameterUpdate update, torch.Tensor images, torch.Tensor labels, double mixup)
    {
        (torch.Tensor? order, torch.Tensor? share) = mixup > 0 ? Mixture(images, mixup) : (null, null);
        if (order is not null) images = images * share! + images.index_select(0, order) * (1 - share!);
        torch.Tensor scores;
        using (format.Enter(images.device_type)) scores = _classifier.Layer.call(backbone.Forward(images));
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

    private ParameterUpdate NewUpdate()
    {
        OptimizerSettings optimizer = options.Optimizer;
        (string, Parameter)[] all = [.. backbone.Network.named_parameters().Where(p => p.parameter.requires_grad).Select(p => (p.name, p.parameter)),
            ("classifier.weight", _classifier.Layer.weight!), ("classifier.bias", _classifier.Layer.bias!)];
        return optimizer.Create([.. all.GroupBy(p => optimizer.For(p.Item2)).Select(g => new UpdateGroup(g, g.Key.WeightDecay, g.Key.Adapt))]);
    }

    private double Accuracy()
    {
        using torch.Tensor features =
            FeatureExtractor.Extract(backbone, test, resolution, options.Augmentation.Statistics, cancellation: cancellation);
        return _classifier.Accuracy(features, test.Labels);
    }
}
