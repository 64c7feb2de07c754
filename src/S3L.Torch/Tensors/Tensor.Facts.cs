using System.Runtime.InteropServices;

namespace S3L.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The element type.</summary>
        public ScalarType dtype => (ScalarType)Describe().DType;

        /// <summary>Where the elements are.</summary>
        public Device device
        {
            get
            {
                TensorFacts facts = Describe();
                return new Device((DeviceType)facts.DeviceType, facts.DeviceIndex);
            }
        }

        /// <summary>The kind of device on which the elements are.</summary>
        public DeviceType device_type => (DeviceType)Describe().DeviceType;

        /// <summary>The number of dimensions.</summary>
        public long ndim => Describe().Dimensions;

        /// <summary>The number of elements.</summary>
        public long NumberOfElements => Describe().Elements;

        /// <summary>True for a tensor that no recorded operation made.</summary>
        public bool is_leaf => Describe().IsLeaf != 0;

        /// <summary>The sizes of all dimensions.</summary>
        public long[] shape => size();

        /// <summary>Whether operations on the tensor are recorded for <see cref="backward()"/>.</summary>
        public bool requires_grad
        {
            get => Describe().RequiresGrad != 0;
            set => Status.Check(Native.s3l_set_requires_grad(SafeHandle, value ? (byte)1 : (byte)0), "requires_grad");
        }

        /// <summary>The gradient that was gathered so far, or null. Each read gives a new object.</summary>
        public Tensor? grad
        {
            get
            {
                Status.Check(Native.s3l_get_grad(SafeHandle, out nint grad), "grad");
                return grad == 0 ? null : new Tensor(grad);
            }

            set
            {
                if (value is not null && (value.dtype != dtype || !value.shape.SequenceEqual(shape)))
                {
                    throw new ArgumentException($"value must have type and shape of the tensor, {this}, but is {value}.", nameof(value));
                }

                nint grad = value?.Acquire() ?? 0;
                try
                {
                    Status.Check(Native.s3l_set_grad(SafeHandle, grad), "grad");
                }
                finally
                {
                    value?.Release();
                }
            }
        }

        /// <summary>The memory of a contiguous tensor in the main memory. The tensor must outlive the span.</summary>
        /// <exception cref="InvalidOperationException">The tensor is on another device or not contiguous.</exception>
        public unsafe Span<byte> bytes
        {
            get
            {
                TensorFacts facts = Describe();
                if (facts.DeviceType != (int)DeviceType.CPU || facts.IsContiguous == 0)
                {
                    throw new InvalidOperationException(
                        $"bytes needs a contiguous tensor in the main memory, but this one is {this}; call cpu().contiguous() first.");
                }

                Status.Check(Native.s3l_tensor_data(SafeHandle, out nint data), "data_ptr");
                return new Span<byte>((void*)data, checked((int)(facts.Elements * ((ScalarType)facts.DType).ElementSize())));
            }

            set
            {
                Span<byte> target = bytes;
                if (value.Length != target.Length)
                {
                    throw new ArgumentException($"value must have {target.Length} bytes, but has {value.Length}.", nameof(value));
                }

                value.CopyTo(target);
            }
        }

        /// <summary>The number of elements.</summary>
        public long numel() => Describe().Elements;

        /// <summary>The sizes of all dimensions.</summary>
        public unsafe long[] size()
        {
            var sizes = new long[Describe().Dimensions];
            fixed (long* first = sizes) Status.Check(Native.s3l_tensor_extents(SafeHandle, first, null), "size");
            return sizes;
        }

        /// <summary>The size of one dimension; negative numbers count from the end.</summary>
        public long size(int dim)
        {
            long[] sizes = size();
            int index = dim < 0 ? dim + sizes.Length : dim;
            if ((uint)index >= (uint)sizes.Length)
            {
                throw new ArgumentOutOfRangeException(nameof(dim), dim, $"dim must be in [-{sizes.Length}, {sizes.Length - 1}].");
            }

            return sizes[index];
        }

        /// <summary>The strides of all dimensions, in elements.</summary>
        public unsafe long[] stride()
        {
            var strides = new long[Describe().Dimensions];
            fixed (long* first = strides) Status.Check(Native.s3l_tensor_extents(SafeHandle, null, first), "stride");
            return strides;
        }

        /// <summary>True where the elements lie one after the other in row-major order.</summary>
        public bool is_contiguous() => Describe().IsContiguous != 0;

        /// <summary>True where the elements lie in N, H, W, C order.</summary>
        [BeyondTorchSharp("TorchSharp has no memory formats")]
        public bool is_channels_last() => Describe().IsChannelsLast != 0;

        /// <summary>Records operations on this tensor from here on, or no longer.</summary>
        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        /// <summary>The one element of the tensor, whose type must be <typeparamref name="T"/>.</summary>
        public T item<T>() where T : struct
        {
            if (numel() != 1) throw new InvalidOperationException($"item needs a tensor of one element, but this one is {this}.");
            using Tensor? moved = device_type == DeviceType.CPU ? null : OutsideScopes(this.cpu);
            Tensor source = moved ?? this;
            ScalarType type = source.dtype;
            if (!Holds<T>(type)) throw new ArgumentException($"T must be the .NET type of {type}, but is {typeof(T).Name}.");
            using Tensor? packed = source.is_contiguous() ? null : OutsideScopes(source.contiguous);
            return MemoryMarshal.Read<T>((packed ?? source).bytes);
        }

        /// <summary>Type, shape and device, such as <c>Float32[2, 3] cpu</c>.</summary>
        public override string ToString() =>
            IsInvalid ? "a disposed tensor" : $"{dtype}[{string.Join(", ", shape)}] {device}";

        private static bool Holds<T>(ScalarType type) => typeof(T) == type switch
        {
            ScalarType.Byte => typeof(byte),
            ScalarType.Int8 => typeof(sbyte),
            ScalarType.Int16 => typeof(short),
            ScalarType.Int32 => typeof(int),
            ScalarType.Int64 => typeof(long),
            ScalarType.Float16 => typeof(Half),
            ScalarType.Float32 => typeof(float),
            ScalarType.Float64 => typeof(double),
            ScalarType.Bool => typeof(bool),
            _ => null,
        };

        private unsafe TensorFacts Describe()
        {
            TensorFacts facts;
            Status.Check(Native.s3l_tensor_describe(SafeHandle, &facts), "describe");
            return facts;
        }

        private static Tensor OutsideScopes(Func<Tensor> make) => make().DetachFromDisposeScope();
    }
}
