using Microsoft.Extensions.Logging;
using S3L.Core.Engine;
using S3L.Core.Methods;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>
/// The steps of a stage: passes (views, loss, gradients) and changes (weights, copies, banks), each done anew, or each recorded once and replayed.
/// Between the two metrics look at both gradients and weights.
/// </summary>
internal sealed class StageSteps : IDisposable
{
    private const string Passes = "passes";

    private readonly BatchSource _batches;
    private readonly TrainingStep _step;
    private readonly int _batchSize;
    private readonly int _resolution;
    private readonly RepeatedWork _pass;
    private readonly RepeatedWork _change;
    private BatchSlots? _slots;
    private MethodOutput? _output;
    private TrainingPosition _position;
    private torch.Tensor?[] _gradients = [];

    internal StageSteps(BatchSource batches, TrainingStep step, int batchSize, int resolution, Func<IRecording?> newRecording, bool mayFail,
        ILogger logger)
    {
        (_batches, _step, _batchSize, _resolution) = (batches, step, batchSize, resolution);
        _pass = new RepeatedWork(() => _output = _step.Pass(_batches.ViewsOf(_slots!, _resolution), _slots!.Indices), Passes, newRecording(),
            mayFail, logger);
        _change = new RepeatedWork(() => _step.Change(_position), "updates", newRecording(), mayFail, logger);
    }

    /// <summary>Steps whose passes were replayed.</summary>
    internal long ReplayedCount { get; private set; }

    /// <summary>The output of the next pass; gradients are in the parameters. Another pass may change it.</summary>
    internal MethodOutput Pass(RunCursor cursor)
    {
        if (!_pass.CanBeReplayed)
        {
            (torch.Tensor[] views, torch.Tensor indices) = _batches.Next(cursor, _batchSize, _resolution);
            return _step.Pass(views, indices);
        }

        _batches.Fill(ref _slots, cursor, _batchSize, _resolution);
        bool wasRecorded = _pass.IsRecorded;
        _pass.Do();
        MethodOutput output = _output!;
        if (!_pass.IsRecorded) return output;
        if (wasRecorded)
        {
            // Recorded ones may have been dropped in between, as by a probe.
            _step.PutGradients(_gradients);
            ReplayedCount++;
        }
        else
        {
            output.Keep();
            _gradients = _step.TakeGradients();
        }

        // The recorded scalar gets another value by the next pass, while losses are read much later.
        return output with { Loss = output.Loss.detach().clone() };
    }

    /// <summary>Changes weights by their gradients, then what follows the weights.</summary>
    internal void Change(TrainingPosition position)
    {
        _position = position;
        // Gradients of passes that are done anew have another place each time.
        if (!_pass.CanBeReplayed) _change.Dispose();
        _change.Do();
    }

    /// <summary>Whether steps are recorded and replayed. Where that is wanted but cannot be, it is said, or ends the run.</summary>
    internal static bool CanReplay(StepReplay asked, IContrastiveMethod method, torch.Device device, ILogger logger)
    {
        bool wanted = asked switch
        {
            StepReplay.Always => true,
            StepReplay.Auto => device.type == DeviceType.CUDA && method.CanBeReplayed,
            _ => false,
        };
        if (!wanted) return false;
        using IRecording? recording = EngineSeam.NewRecording(device, out string? refusal);
        if (recording is not null) return true;
        if (asked == StepReplay.Always) throw RepeatedWork.NotRecordable(Passes, refusal);
        RepeatedWork.Tell(logger, Passes, refusal);
        return false;
    }

    public void Dispose()
    {
        if (_pass.IsRecorded) _output?.Dispose();
        _output = null;
        foreach (torch.Tensor? gradient in _gradients) gradient?.Dispose();
        _gradients = [];
        _change.Dispose();
        _pass.Dispose();
        _slots?.Dispose();
        _slots = null;
    }
}
