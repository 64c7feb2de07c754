using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace S3L.Torch;

public static partial class torch
{
    /// <summary>Does 0 to <paramref name="count"/> − 1 in parts, one on each of the threads that libtorch computes with.</summary>
    /// <param name="count">How much there is to do.</param>
    /// <param name="part">Does [begin, end). Must not work with tensors: dispose scopes and modes belong to the calling thread.</param>
    [BeyondTorchSharp("TorchSharp does not share libtorch's threads")]
    public static unsafe void parallel_for(int count, Action<int, int> part)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0) return;
        var work = new ParallelWork(part);
        GCHandle handle = GCHandle.Alloc(work);
        try
        {
            Status.Check(Native.s3l_parallel_for(count, &ParallelWork.Run, GCHandle.ToIntPtr(handle)), "parallel_for");
        }
        finally
        {
            handle.Free();
        }

        work.Failure?.Throw();
    }

    private sealed class ParallelWork(Action<int, int> part)
    {
        internal ExceptionDispatchInfo? Failure { get; private set; }

        [UnmanagedCallersOnly]
        internal static void Run(nint state, int begin, int end)
        {
            var work = (ParallelWork)GCHandle.FromIntPtr(state).Target!;
            try
            {
                work.Do(begin, end);
            }
            catch (Exception e)
            {
                // No exception may pass the native frames below; the caller throws it.
                work.Failure = ExceptionDispatchInfo.Capture(e);
            }
        }

        private void Do(int begin, int end) => part(begin, end);
    }
}
