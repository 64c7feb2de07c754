namespace S3L.Torch;

/// <summary>Work that a device does again as a whole, without the host: a CUDA graph, or on a CPU the operators one by one.</summary>
/// <remarks>
/// A recording knows operators and the tensors that they had, not the program around them: numbers that the program computes stay as they were, so
/// all that changes from one time to the next must lie in tensors that keep their place. The host can neither wait for a number nor write one.
/// Random numbers go on. Backward passes are recorded too; gradients and other results stay in the tensors of the recorded time.
/// </remarks>
[BeyondTorchSharp("TorchSharp has no CUDA graphs")]
public sealed class Recording : IDisposable
{
    private readonly RecordingHandle _handle;
    private bool _isRecorded;

    /// <summary>A recording of nothing yet.</summary>
    /// <param name="device">Where all of the work is done.</param>
    /// <exception cref="TorchException">Work on that device cannot be recorded.</exception>
    public Recording(torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Status.Check(Native.s3l_recording_create((int)device.type, device.index, out nint recording), "Recording");
        _handle = new RecordingHandle(recording);
    }

    /// <summary>Whether work of this thread is being recorded.</summary>
    public static bool IsUnderWay
    {
        get
        {
            Status.Check(Native.s3l_is_recording(out byte value), "Recording.IsUnderWay");
            return value != 0;
        }
    }

    /// <summary>
    /// Does work where it will be recorded: libraries choose their algorithms and take their memory the first times, which cannot be recorded.
    /// What was recorded before stays, unless the work fails.
    /// </summary>
    public void Rehearse(Action work) => Do(work, record: false);

    /// <summary>Does work once and records it, in the place of what was recorded before.</summary>
    /// <exception cref="TorchException">
    /// The work cannot be recorded. On a CPU it was done up to what cannot; on a GPU not at all.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The work broke the GPU's recording in a way that libtorch does not recover from: this process can no longer rely on the GPU.
    /// </exception>
    public void Record(Action work)
    {
        _isRecorded = false;
        Do(work, record: true);
        _isRecorded = true;
    }

    /// <summary>Does the recorded work again. On a GPU the host does not wait for it.</summary>
    /// <exception cref="InvalidOperationException">Nothing was recorded.</exception>
    public void Replay()
    {
        if (!_isRecorded) throw new InvalidOperationException("Record must be called before Replay.");
        Status.Check(Native.s3l_recording_replay(_handle), "Recording.Replay");
    }

    /// <summary>Forgets the work. Tensors that it made stay valid as long as they are held.</summary>
    public void Dispose() => _handle.Dispose();

    private void Do(Action work, bool record)
    {
        ArgumentNullException.ThrowIfNull(work);
        Status.Check(Native.s3l_recording_enter(_handle, record ? (byte)1 : (byte)0), record ? "Recording.Record" : "Recording.Rehearse");
        try
        {
            work();
            Status.Check(Native.s3l_recording_leave(_handle, keep: 1), "Recording.Record");
        }
        catch (Exception failure)
        {
            _isRecorded = false;
            if (Native.s3l_recording_leave(_handle, keep: 0) == 0) throw;
            throw new InvalidOperationException("A recording broke and could not be ended: what libtorch knows of the GPU's memory and random " +
                "numbers is no longer right. Start again without recording.", failure);
        }
    }
}
