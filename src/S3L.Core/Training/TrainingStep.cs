using S3L.Core.Engine;
using S3L.Core.Methods;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>One step of one stage: views in, weights changed, loss out. Does not wait for the device.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly IContrastiveMethod _method;
    private readonly StepFormat _format;
    private readonly LearningRateSchedule _curve;
    private readonly double _baseRate;
    private readonly DeviceType _device;
    private readonly SGD _optimizer;
    private readonly SGD.ParamGroup _scheduled;

    internal TrainingStep(IContrastiveMethod method, StepFormat format, TrainerOptions options, double learningRate, torch.Device device)
    {
        _method = method;
        _format = format;
        _curve = options.LearningRateSchedule;
        _baseRate = learningRate;
        _device = device.type;
        EngineSeam.UseChannelsLast(method.State, format.ChannelsLast);

        var constant = method.ConstantRateParameters.ToHashSet();
        Parameter[] trained = [.. method.State.parameters().Where(p => p.requires_grad)];
        _scheduled = Group(trained.Where(p => !constant.Contains(p)), options, learningRate);
        SGD.ParamGroup[] groups = constant.Count == 0
            ? [_scheduled]
            : [_scheduled, Group(trained.Where(constant.Contains), options, learningRate)];
        _optimizer = torch.optim.SGD(groups, learningRate);
    }

    /// <summary>Learning rate of the last step.</summary>
    internal double LearningRate => _scheduled.LearningRate;

    internal torch.Tensor Run(torch.Tensor[] views, torch.Tensor indices, TrainingPosition position)
    {
        _scheduled.LearningRate = _baseRate * _curve.FactorAt(position);
        if (_format.ChannelsLast) views = [.. views.Select(EngineSeam.ChannelsLast)];
        MethodOutput output;
        using (_format.Enter(_device)) output = _method.Forward(views, indices);
        _optimizer.zero_grad();
        output.Loss.backward();
        _optimizer.step();
        using (torch.no_grad()) _method.AfterStep(position);
        return output.Loss.detach();
    }

    public void Dispose() => _optimizer.Dispose();

    private static SGD.ParamGroup Group(IEnumerable<Parameter> parameters, TrainerOptions options, double learningRate) =>
        new(parameters, learningRate, options.Momentum, weight_decay: options.WeightDecay);
}
