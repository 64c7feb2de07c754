namespace S3L.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>A copy with memory of its own.</summary>
        public Tensor clone() => Operators.clone.Call(this, Argument.None);

        /// <summary>The same elements in row-major order, copied only where they are not.</summary>
        public Tensor contiguous() => Operators.contiguous.Call(this, 0L);

        /// <summary>The same elements without the record of how they came about.</summary>
        public Tensor detach() => Operators.detach.Call(this);

        /// <summary>Overwrites the elements with those of another tensor of any type and device.</summary>
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Operators.copy_.CallInPlace(this, source, nonBlocking);

        /// <summary>Sets all elements to zero.</summary>
        public Tensor zero_() => Operators.zero_.CallInPlace(this);

        /// <summary>Sets all elements to a number.</summary>
        public Tensor fill_(Scalar value) => Operators.fill__Scalar.CallInPlace(this, value);

        /// <summary>Draws all elements from a normal distribution.</summary>
        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) =>
            Operators.normal_.CallInPlace(this, mean, std, generator);

        /// <summary>Draws all elements evenly from a range.</summary>
        public Tensor uniform_(double @from, double to, Generator? generator = null) => Operators.uniform_.CallInPlace(this, @from, to, generator);

        /// <summary>Fills with 1 with probability <paramref name="p"/>, else with 0, in place.</summary>
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => Operators.bernoulli__float.CallInPlace(this, p, generator);

        /// <summary>Zeros in the shape of this tensor.</summary>
        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Operators.zeros_like.Call(this, dtype, Argument.None, device, Argument.None, Argument.None).Recorded(requires_grad);

        /// <summary>Ones in the shape of this tensor.</summary>
        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Operators.ones_like.Call(this, dtype, Argument.None, device, Argument.None, Argument.None).Recorded(requires_grad);

        /// <summary>The tensor as another type.</summary>
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(type, null, copy, disposeAfter, non_blocking);

        /// <summary>The tensor on another device.</summary>
        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(null, device, copy, disposeAfter, non_blocking);

        /// <summary>The tensor as another type on another device.</summary>
        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(type, device, copy, disposeAfter, non_blocking);

        /// <summary>The tensor in another memory format.</summary>
        [BeyondTorchSharp("TorchSharp has no memory formats")]
        public Tensor to_memory_format(MemoryFormat format) => Operators.contiguous.Call(this, (long)format);

        /// <summary>A copy in memory that a GPU reads while the host goes on; needs CUDA.</summary>
        public Tensor pin_memory() => Operators.pin_memory.Call(this, Argument.None);

        /// <summary>The tensor in main memory.</summary>
        public Tensor cpu() => to(torch.CPU);

        /// <summary>The tensor on a GPU.</summary>
        public Tensor cuda(Device? device = null, bool non_blocking = false) => to(device ?? torch.CUDA, non_blocking: non_blocking);

        /// <summary>The tensor in single precision.</summary>
        public Tensor @float() => to(ScalarType.Float32);

        /// <summary>The tensor in bfloat16.</summary>
        public Tensor bfloat16() => to(ScalarType.BFloat16);

        internal Tensor Recorded(bool requires_grad)
        {
            if (!requires_grad) return this;
            try
            {
                return requires_grad_();
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        /// <summary>Gives this tensor other contents, of any type and device, without becoming another tensor for autograd and optimizers.</summary>
        internal void ReplaceData(Func<Tensor, Tensor> change)
        {
            using Tensor plain = detach().DetachFromDisposeScope();
            using Tensor changed = change(plain).DetachFromDisposeScope();
            Status.Check(Native.s3l_tensor_set_data(SafeHandle, changed.SafeHandle), "set_data");
        }

        private Tensor Converted(ScalarType? type, Device? device, bool copy, bool disposeAfter, bool nonBlocking)
        {
            Tensor result = Operators.to_dtype_layout.Call(
                this, type, Argument.None, device, Argument.None, nonBlocking, copy, Argument.None);
            if (disposeAfter) Dispose();
            return result;
        }
    }
}
