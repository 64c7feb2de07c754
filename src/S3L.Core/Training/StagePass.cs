using Microsoft.Extensions.Logging;
using S3L.Core.Engine;
using S3L.Core.Methods;

namespace S3L.Core.Training;

/// <summary>The passes of a stage: each done anew, or recorded once and replayed.</summary>
internal sealed class StagePass : IDisposable
{
    // Libraries choose algorithms and take memory in the first passes; PyTorch's own guide rehearses as often.
    private const int Rehearsals = 3;

    private readonly BatchSource _batches;
    private readonly TrainingStep _step;
    private readonly int _batchSize;
    private readonly int _resolution;
    private readonly bool _mayFail;
    private readonly ILogger _logger;
    private IRecording? _recording;
    private BatchSlots? _slots;
    private MethodOutput? _recorded;
    private torch.Tensor?[] _gradients = [];
    private int _rehearsed;

    internal StagePass(BatchSource batches, TrainingStep step, int batchSize, int resolution, IRecording? recording, bool mayFail, ILogger logger) =>
        (_batches, _step, _batchSize, _resolution, _recording, _mayFail, _logger) =
            (batches, step, batchSize, resolution, recording, mayFail, logger);

    /// <summary>Passes that were replayed.</summary>
    internal long ReplayedCount { get; private set; }

    /// <summary>The output of the next pass; gradients are in the parameters. Another pass may change it.</summary>
    internal MethodOutput Run(RunCursor cursor)
    {
        if (_recording is null)
        {
            (torch.Tensor[] views, torch.Tensor indices) = _batches.Next(cursor, _batchSize, _resolution);
            return _step.Pass(views, indices);
        }

        _batches.Fill(ref _slots, cursor, _batchSize, _resolution);
        if (_recorded is not null)
        {
            _recording.Replay();
            _step.PutGradients(_gradients);
            ReplayedCount++;
        }
        else if (_rehearsed < Rehearsals)
        {
            MethodOutput? output = null;
            _recording.Rehearse(() => output = PassOverSlots());
            _rehearsed++;
            return output!;
        }
        else if (!TryRecord(_recording))
        {
            return PassOverSlots();
        }

        // The recorded scalar gets another value by the next pass, while losses are read much later.
        return _recorded! with { Loss = _recorded.Loss.detach().clone() };
    }

    /// <summary>Whether passes are recorded and replayed. Where that is wanted but cannot be, it is said, or ends the run.</summary>
    internal static bool CanReplay(StepReplay asked, IContrastiveMethod method, torch.Device device, ILogger logger)
    {
        bool wanted = asked switch
        {
            StepReplay.Always => true,
            StepReplay.Auto => device.type == DeviceType.CUDA && method.ForwardCanBeReplayed,
            _ => false,
        };
        if (!wanted) return false;
        using IRecording? recording = EngineSeam.NewRecording(device, out string? refusal);
        if (recording is not null) return true;
        if (asked == StepReplay.Always) throw NotRecordable(refusal);
        logger.LogWarning("Passes are done one by one, as they could not be recorded: {Reason}", refusal);
        return false;
    }

    /// <summary>For <see cref="StepReplay.Always"/> where passes cannot be recorded.</summary>
    private static InvalidOperationException NotRecordable(string? refusal) =>
        new($"Options.StepReplay is Always, but the passes cannot be recorded: {refusal}");

    public void Dispose()
    {
        Forget();
        _recording?.Dispose();
        _recording = null;
        _slots?.Dispose();
        _slots = null;
    }

    private MethodOutput PassOverSlots() => _step.Pass(_batches.ViewsOf(_slots!, _resolution), _slots!.Indices);

    private bool TryRecord(IRecording recording)
    {
        if (Refusal(recording) is not { } refusal)
        {
            _gradients = _step.TakeGradients();
            return true;
        }

        _logger.LogWarning("Passes are done one by one, as they could not be recorded: {Reason}", refusal);
        Forget();
        recording.Dispose();
        _recording = null;
        return false;
    }

    private string? Refusal(IRecording recording)
    {
        try
        {
            string? refusal = recording.Record(() => _recorded = PassOverSlots().Keep());
            return refusal is null || _mayFail ? refusal : throw NotRecordable(refusal);
        }
        catch (Exception e) when (_mayFail && EngineSeam.IsOutOfMemory(e))
        {
            // A recording keeps the memory of a pass for itself, beside that of the passes before it.
            return e.Message;
        }
    }

    private void Forget()
    {
        _recorded?.Dispose();
        _recorded = null;
        foreach (torch.Tensor? gradient in _gradients) gradient?.Dispose();
        _gradients = [];
    }
}
