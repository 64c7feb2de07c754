using S3L.Core.Backbones;
using S3L.Core.Engine;
using S3L.Core.Methods;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>One step of one stage: views in, weights changed, loss out. Does not wait for the device.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly IContrastiveMethod _method;
    private readonly NetworkFormat _format;
    private readonly LearningRateSchedule _curve;
    private readonly double _baseRate;
    private readonly DeviceType _device;
    private readonly IReadOnlyList<RateGroup> _groups;
    private readonly torch.Tensor[] _weights;

    internal TrainingStep(IContrastiveMethod method, NetworkFormat format, TrainerOptions options, double learningRate, torch.Device device)
    {
        _method = method;
        _format = format;
        _curve = options.LearningRateSchedule;
        _baseRate = learningRate;
        _device = device.type;
        format.ApplyTo(method.State);
        _groups = RateGroup.Of(method, options);
        _weights = [.. _groups.SelectMany(g => g.Update.Parameters)];
        Update = options.Optimizer.Create([.. _groups.Select(g => g.Update)]);
    }

    /// <summary>What the optimizer remembers.</summary>
    internal ParameterUpdate Update { get; }

    /// <summary>Learning rate of the last step.</summary>
    internal double LearningRate { get; private set; }

    /// <summary>The loss, and the metrics where they are asked for.</summary>
    internal (torch.Tensor Loss, torch.Tensor? Metrics) Run(torch.Tensor[] views, torch.Tensor indices, TrainingPosition position,
        TrainingPosition curvePosition, double rateFactor, bool measure)
    {
        double factor = _curve.FactorAt(curvePosition);
        LearningRate = _baseRate * rateFactor * factor;
        foreach (RateGroup group in _groups) group.Update.LearningRate = _baseRate * rateFactor * group.Factor * (group.IsConstant ? 1 : factor);
        views = [.. views.Select(_format.Arrange)];
        MethodOutput output;
        using (_format.Enter(_device)) output = _method.Forward(views, indices);
        Update.ZeroGrad();
        output.Loss.backward();
        torch.Tensor? metrics = measure ? MetricsProbe.Measure(output, _weights) : null;
        Update.Step();
        using (torch.no_grad()) _method.AfterStep(position);
        return (output.Loss.detach(), metrics);
    }

    public void Dispose() => Update.Dispose();
}
