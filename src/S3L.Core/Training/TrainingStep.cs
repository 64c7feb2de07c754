using S3L.Core.Backbones;
using S3L.Core.Engine;
using S3L.Core.Methods;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>The parts of a step: its numbers, a pass over views, a change of weights. Does not wait for the device.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly IContrastiveMethod _method;
    private readonly LearningRateSchedule _curve;
    private readonly double _baseRate;
    private readonly DeviceType _device;
    private readonly IReadOnlyList<RateGroup> _groups;
    private readonly torch.Tensor[] _weights;

    internal TrainingStep(IContrastiveMethod method, NetworkFormat format, TrainerOptions options, double learningRate, torch.Device device)
    {
        _method = method;
        Format = format;
        _curve = options.LearningRateSchedule;
        _baseRate = learningRate;
        _device = device.type;
        format.ApplyTo(method.State);
        _groups = RateGroup.Of(method, options);
        _weights = [.. _groups.SelectMany(g => g.Update.Parameters)];
        Update = options.Optimizer.Create([.. _groups.Select(g => g.Update)]);
    }

    internal NetworkFormat Format { get; }

    /// <summary>What the optimizer remembers.</summary>
    internal ParameterUpdate Update { get; }

    /// <summary>Learning rate of the last step.</summary>
    internal double LearningRate { get; private set; }

    /// <summary>Forth and back: the output, and gradients in the parameters. Nothing of it changes but by numbers in its arguments.</summary>
    internal MethodOutput Pass(torch.Tensor[] views, torch.Tensor indices)
    {
        MethodOutput output;
        using (Format.Enter(_device)) output = _method.Forward(views, indices);
        Update.ZeroGrad();
        output.Loss.backward();
        return output;
    }

    /// <summary>Puts the numbers of a step that the host knows where pass and change find them on the device.</summary>
    internal void Prepare(TrainingPosition position, TrainingPosition curvePosition, double rateFactor)
    {
        double factor = _curve.FactorAt(curvePosition);
        LearningRate = _baseRate * rateFactor * factor;
        foreach (RateGroup group in _groups) group.Update.LearningRate = _baseRate * rateFactor * group.Factor * (group.IsConstant ? 1 : factor);
        Update.TakeRates();
        using IDisposable quiet = torch.no_grad();
        _method.BeforeStep(position);
    }

    /// <summary>The metrics of a pass.</summary>
    internal torch.Tensor Measure(MethodOutput output) => MetricsProbe.Measure(output, _weights);

    /// <summary>Changes weights by their gradients, then what follows the weights.</summary>
    internal void Change(TrainingPosition position)
    {
        Update.Change();
        using IDisposable quiet = torch.no_grad();
        _method.AfterStep(position);
    }

    /// <summary>The gradients of all weights, for <see cref="PutGradients"/>; the caller's.</summary>
    internal torch.Tensor?[] TakeGradients() => [.. _weights.Select(w => w.grad?.DetachFromDisposeScope())];

    /// <summary>Where recorded gradients were dropped in between, as by a probe, replayed ones would be lost.</summary>
    internal void PutGradients(torch.Tensor?[] gradients)
    {
        for (int i = 0; i < gradients.Length; i++) _weights[i].grad = gradients[i];
    }

    public void Dispose() => Update.Dispose();
}
