namespace S3L.Torch;

public static partial class torch
{
    /// <summary>
    /// A libtorch tensor. Dispose it, or create it inside a <see cref="DisposeScope"/>, which disposes it;
    /// its handle's finalizer frees what was forgotten.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private readonly TensorHandle _handle;

        internal Tensor(nint handle)
        {
            _handle = new TensorHandle(handle);
            DisposeScopeManager.Register(this);
        }

        internal Tensor(Tensor other)
        {
            Status.Check(Native.s3l_tensor_share(other.SafeHandle, out nint leaf), "share");
            _handle = new TensorHandle(leaf);
            DisposeScopeManager.Register(this);
        }

        /// <summary>How many tensors are alive in the process.</summary>
        public static long TotalCount => TensorHandle.Count;

        /// <summary>The most tensors that were ever alive at once.</summary>
        public static long PeakCount => TensorHandle.Peak;

        /// <summary>True once disposed, and for the absent gradient of a leaf.</summary>
        public bool IsInvalid => _handle.IsInvalid || _handle.IsClosed;

        internal TensorHandle SafeHandle => _handle.IsClosed ? throw Disposed() : _handle;

        internal DisposeScope? OwningScope { get; set; }

        /// <summary>Gives the native tensor back.</summary>
        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Gives the native tensor back.</summary>
        protected virtual void Dispose(bool disposing)
        {
            if (!disposing || _handle.IsClosed) return;
            DisposeScopeManager.Statistics.TensorStatistics.Disposed(OwningScope is not null);
            OwningScope?.Forget(this);
            OwningScope = null;
            _handle.Dispose();
        }

        /// <summary>Keeps the tensor when the innermost scope ends, and hands it to the scope around it, if any.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes the tensor out of its scope: from here on, its owner disposes it.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningScope?.Detach(this);
            return this;
        }

        internal nint Acquire()
        {
            if (_handle.IsClosed) throw Disposed();
            bool added = false;
            _handle.DangerousAddRef(ref added);
            return _handle.DangerousGetHandle();
        }

        internal void Release() => _handle.DangerousRelease();

        private static ObjectDisposedException Disposed() =>
            new("torch.Tensor", "The tensor was disposed, by its owner or by the dispose scope that it was created in. " +
                "MoveToOuterDisposeScope or DetachFromDisposeScope keeps a tensor beyond its scope.");
    }
}
