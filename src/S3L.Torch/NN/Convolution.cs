namespace S3L.Torch.Modules
{
    /// <summary>What convolutions have in common: weights [out, in / groups, kernel…] and an optional bias [out].</summary>
    public abstract class Convolution : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        internal Convolution(string name, long inChannels, long outChannels, long[] kernelSize, long[] stride, long[] padding, long[] dilation,
            long groups, bool bias, torch.Device? device, torch.ScalarType? dtype) : base(name)
        {
            in_channels = inChannels;
            out_channels = outChannels;
            kernel_size = kernelSize;
            this.stride = stride;
            this.padding = padding;
            this.dilation = dilation;
            this.groups = groups;
            using torch.Tensor data = torch.empty([outChannels, inChannels / groups, .. kernelSize], dtype, device);
            weight = new Parameter(data);
            register_parameter("weight", weight);
            if (bias)
            {
                using torch.Tensor zero = torch.empty([outChannels], dtype, device);
                this.bias = new Parameter(zero);
                register_parameter("bias", this.bias);
            }

            reset_parameters();
        }

        /// <summary>Channels of the input.</summary>
        public long in_channels { get; }

        /// <summary>Channels of the output.</summary>
        public long out_channels { get; }

        /// <summary>Kernel sizes.</summary>
        public long[] kernel_size { get; set; }

        /// <summary>Strides.</summary>
        public long[] stride { get; set; }

        /// <summary>Zeros added on both sides.</summary>
        public long[] padding { get; }

        /// <summary>Distances between kernel elements.</summary>
        public long[] dilation { get; set; }

        /// <summary>Independent groups of channels.</summary>
        public long groups { get; set; }

        /// <summary>[out, in / groups, kernel…].</summary>
        public Parameter weight { get; }

        /// <summary>[out], or null.</summary>
        public Parameter? bias { get; }

        /// <summary>Draws weights and bias as PyTorch does: evenly from ±1/√fan-in.</summary>
        public void reset_parameters()
        {
            torch.nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
            if (bias is null) return;
            (long fanIn, _) = torch.nn.init.CalculateFanInAndFanOut(weight);
            double bound = 1 / Math.Sqrt(fanIn);
            torch.nn.init.uniform_(bias, -bound, bound);
        }
    }

    /// <summary>Convolution of images [N, C, H, W].</summary>
    public sealed class Conv2d : Convolution
    {
        internal Conv2d(long inChannels, long outChannels, long kernel, long stride, long padding, long dilation, long groups, bool bias,
            torch.Device? device, torch.ScalarType? dtype)
            : base(nameof(Conv2d), inChannels, outChannels, [kernel, kernel], [stride, stride], [padding, padding], [dilation, dilation], groups,
                bias, device, dtype)
        {
        }

        /// <inheritdoc/>
        public override torch.Tensor forward(torch.Tensor input) =>
            torch.nn.functional.conv2d(input, weight, bias, stride, padding, dilation, groups);

        /// <summary>
        /// The convolution of maps that have the batch innermost but for channels. Maps in bfloat16 are multiplied by weights rounded to it,
        /// with sums in float32, on processors with AVX512-VNNI or AMX by loops of this library that leave zeros beyond the border out.
        /// </summary>
        /// <param name="maps">[1, in, H, W, N], channels-last in memory.</param>
        /// <returns>[1, out, H', W', N], of the type of <paramref name="maps"/> outside autocast.</returns>
        /// <exception cref="InvalidOperationException">The convolution has a bias, groups or dilation.</exception>
        [BeyondTorchSharp("TorchSharp has no such operator")]
        public torch.Tensor forward_batch_innermost(torch.Tensor maps)
        {
            ArgumentNullException.ThrowIfNull(maps);
            CheckPlain(nameof(forward_batch_innermost));
            return Operators.convolve_batch_innermost.Call(maps, weight, stride, padding);
        }

        /// <summary>
        /// The convolution that a network begins with, of pictures whose few channels fill no vector. Under autocast to bfloat16, pictures without
        /// a gradient of their own are multiplied by loops of this library where <see cref="forward_batch_innermost"/> does so too; else as usual.
        /// </summary>
        /// <param name="images">[N, in, H, W].</param>
        /// <returns>[N, out, H', W'].</returns>
        /// <exception cref="InvalidOperationException">The convolution has a bias, groups or dilation.</exception>
        [BeyondTorchSharp("TorchSharp has no such operator")]
        public torch.Tensor forward_stem(torch.Tensor images)
        {
            ArgumentNullException.ThrowIfNull(images);
            CheckPlain(nameof(forward_stem));
            return Operators.convolve_stem.Call(images, weight, stride, padding);
        }

        private void CheckPlain(string method)
        {
            if (bias is null && groups == 1 && dilation.All(d => d == 1)) return;
            throw new InvalidOperationException($"{method} needs a convolution without bias, groups and dilation, " +
                $"but this one has {(bias is null ? "no bias" : "a bias")}, {groups} groups and dilation [{string.Join(", ", dilation)}].");
        }
    }
}

namespace S3L.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Makes a convolution of images [N, in, H, W] → [N, out, H', W'].</summary>
            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0,
                long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null)
            {
                if (padding_mode != PaddingModes.Zeros)
                {
                    throw new ArgumentException($"padding_mode must be Zeros, but is {padding_mode}.", nameof(padding_mode));
                }

                return new(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, device, dtype);
            }
        }
    }

    /// <summary>What lies beyond the border of an image.</summary>
    public enum PaddingModes
    {
        /// <summary>Zeros.</summary>
        Zeros = 0,

        /// <summary>The image mirrored at its border.</summary>
        Reflect = 1,

        /// <summary>The border repeated.</summary>
        Replicate = 2,

        /// <summary>The other side of the image.</summary>
        Circular = 3,

        /// <summary>One number.</summary>
        Constant = 4,
    }
}
