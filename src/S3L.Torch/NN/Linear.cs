namespace S3L.Torch.Modules
{
    /// <summary>x Wᵀ + b for vectors [N, in].</summary>
    public sealed class Linear : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        internal Linear(long inFeatures, long outFeatures, bool hasBias, torch.Device? device, torch.ScalarType? dtype) : base(nameof(Linear))
        {
            in_features = inFeatures;
            out_features = outFeatures;
            using torch.Tensor data = torch.empty([outFeatures, inFeatures], dtype, device);
            weight = new Parameter(data);
            register_parameter("weight", weight);
            torch.nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
            if (!hasBias) return;
            using torch.Tensor empty = torch.empty([outFeatures], dtype, device);
            bias = new Parameter(empty);
            register_parameter("bias", bias);
            double bound = 1 / Math.Sqrt(inFeatures);
            torch.nn.init.uniform_(bias, -bound, bound);
        }

        /// <summary>Features of the input.</summary>
        public long in_features { get; set; }

        /// <summary>Features of the output.</summary>
        public long out_features { get; set; }

        /// <summary>[out, in].</summary>
        public Parameter weight { get; }

        /// <summary>[out], or null.</summary>
        public Parameter? bias { get; }

        /// <inheritdoc/>
        public override torch.Tensor forward(torch.Tensor tensor) => torch.nn.functional.linear(tensor, weight, bias);
    }
}

namespace S3L.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Makes a linear layer [N, in] → [N, out].</summary>
            public static Modules.Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null,
                ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);
        }
    }
}
