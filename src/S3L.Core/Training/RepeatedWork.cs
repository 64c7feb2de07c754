using Microsoft.Extensions.Logging;
using S3L.Core.Engine;

namespace S3L.Core.Training;

/// <summary>Work that each step does in the same way: done anew, or recorded once and replayed.</summary>
/// <param name="work">All that changes from one time to the next must lie in tensors that keep their place.</param>
/// <param name="plural">What the work is called in messages, such as passes.</param>
/// <param name="recording">What it is recorded with; null where it is done anew each time.</param>
/// <param name="mayFail">Whether work that cannot be recorded is done anew; otherwise it ends the run.</param>
/// <param name="logger">Told why work cannot be recorded.</param>
internal sealed class RepeatedWork(Action work, string plural, IRecording? recording, bool mayFail, ILogger logger) : IDisposable
{
    // Libraries choose algorithms and take memory in the first times; PyTorch's own guide rehearses as often.
    private const int Rehearsals = 3;

    private int _rehearsed;

    /// <summary>Whether the work is recorded, or will be.</summary>
    internal bool CanBeReplayed => recording is not null;

    /// <summary>Whether the next time is a replay.</summary>
    internal bool IsRecorded { get; private set; }

    /// <summary>Does the work once.</summary>
    internal void Do()
    {
        if (recording is null)
        {
            work();
        }
        else if (IsRecorded)
        {
            recording.Replay();
        }
        else if (_rehearsed < Rehearsals)
        {
            recording.Rehearse(work);
            _rehearsed++;
        }
        else if (Refusal(recording) is { } refusal)
        {
            Tell(logger, plural, refusal);
            Dispose();
            work();
        }
        else
        {
            IsRecorded = true;
        }
    }

    /// <summary>Ends replays: the work is done anew from now on.</summary>
    public void Dispose()
    {
        IsRecorded = false;
        recording?.Dispose();
        recording = null;
    }

    /// <summary>For <see cref="StepReplay.Always"/> where something cannot be recorded.</summary>
    internal static InvalidOperationException NotRecordable(string plural, string? refusal) =>
        new($"Options.StepReplay is Always, but the {plural} cannot be recorded: {refusal}");

    /// <summary>Says that something is not replayed, and why.</summary>
    internal static void Tell(ILogger logger, string plural, string? refusal) =>
        logger.LogWarning("The {Work} are done one by one, as they could not be recorded: {Reason}", plural, refusal);

    private string? Refusal(IRecording into)
    {
        try
        {
            string? refusal = into.Record(work);
            return refusal is null || mayFail ? refusal : throw NotRecordable(plural, refusal);
        }
        catch (Exception e) when (mayFail && EngineSeam.IsOutOfMemory(e))
        {
            // A recording keeps the memory of its work for itself, beside that of the times before it.
            return e.Message;
        }
    }
}
