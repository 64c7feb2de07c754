namespace S3L.Testing;

/// <summary>Finds native tensors that nobody disposed: their memory is freed only when the garbage collector happens to run.</summary>
public static class LiveTensors
{
    /// <summary>Runs code and refuses it where more tensors of this thread are alive afterwards than before.</summary>
    /// <param name="code">What must dispose all it makes.</param>
    /// <exception cref="InvalidOperationException">Some are left; the message tells how many.</exception>
    public static void AssertNoneLeft(Action code)
    {
        ArgumentNullException.ThrowIfNull(code);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        code();
        long left = DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        if (left > 0) throw new InvalidOperationException($"{left} native tensors were not disposed.");
    }
}
