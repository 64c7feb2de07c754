namespace S3L.Torch.Modules
{
    /// <summary>Normalisation with the statistics of the batch in training, and with gathered ones in evaluation.</summary>
    public abstract class NormBase : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        internal NormBase(string name, long features, double eps, double momentum, bool affine, bool trackRunningStats,
            torch.Device? device, torch.ScalarType? dtype) : base(name)
        {
            num_features = features;
            this.eps = eps;
            this.momentum = momentum;
            this.affine = affine;
            track_running_stats = trackRunningStats;
            if (affine)
            {
                using torch.Tensor ones = torch.ones([features], dtype, device);
                using torch.Tensor zeros = torch.zeros([features], dtype, device);
                weight = new Parameter(ones);
                bias = new Parameter(zeros);
                register_parameter("weight", weight);
                register_parameter("bias", bias);
            }

            if (!trackRunningStats) return;
            running_mean = torch.zeros([features], dtype, device);
            running_var = torch.ones([features], dtype, device);
            num_batches_tracked = torch.zeros([], torch.int64, device);
            register_buffer("running_mean", running_mean);
            register_buffer("running_var", running_var);
            register_buffer("num_batches_tracked", num_batches_tracked);
        }

        /// <summary>Number of channels.</summary>
        public long num_features { get; }

        /// <summary>Added to the variance.</summary>
        public double eps { get; set; }

        /// <summary>The weight of a new batch in the gathered statistics; null gives all batches the same weight.</summary>
        public double? momentum { get; set; }

        /// <summary>Whether a scale and a shift are trained.</summary>
        public bool affine { get; }

        /// <summary>Whether statistics are gathered.</summary>
        public bool track_running_stats { get; }

        /// <summary>The scale, or null.</summary>
        public Parameter? weight { get; }

        /// <summary>The shift, or null.</summary>
        public Parameter? bias { get; }

        /// <summary>Gathered means, or null.</summary>
        public torch.Tensor? running_mean { get; }

        /// <summary>Gathered variances, or null.</summary>
        public torch.Tensor? running_var { get; }

        /// <summary>How many batches were gathered, or null.</summary>
        public torch.Tensor? num_batches_tracked { get; }

        /// <inheritdoc/>
        public override torch.Tensor forward(torch.Tensor input)
        {
            bool batchStatistics = training || !track_running_stats;
            return torch.nn.functional.batch_norm(input, running_mean, running_var, weight, bias, batchStatistics, CountBatch(), eps);
        }

        /// <summary>Counts a batch in training; its weight in the gathered statistics.</summary>
        private protected double CountBatch()
        {
            if (!training || num_batches_tracked is not { } count) return momentum ?? 0;
            count.add_(1);
            return momentum ?? 1.0 / count.ToInt64();
        }
    }

    /// <summary>Batch normalisation of vectors [N, C].</summary>
    public sealed class BatchNorm1d : NormBase
    {
        internal BatchNorm1d(long features, double eps, double momentum, bool affine, bool track, torch.Device? device, torch.ScalarType? dtype)
            : base(nameof(BatchNorm1d), features, eps, momentum, affine, track, device, dtype)
        {
        }
    }

    /// <summary>Batch normalisation of images [N, C, H, W].</summary>
    public sealed class BatchNorm2d : NormBase
    {
        internal BatchNorm2d(long features, double eps, double momentum, bool affine, bool track, torch.Device? device, torch.ScalarType? dtype)
            : base(nameof(BatchNorm2d), features, eps, momentum, affine, track, device, dtype)
        {
        }

        /// <summary>relu(norm(input) + shortcut), in training on a CPU in one pass over channels-last maps; without record of the sum.</summary>
        /// <param name="input">[N, C, H, W], or [1, C, H, W, N].</param>
        /// <param name="shortcut">What is added, of the same shape and type; null adds nothing.</param>
        /// <param name="relu">Whether negative sums become 0.</param>
        [BeyondTorchSharp("TorchSharp has no such operator")]
        public torch.Tensor forward_relu(torch.Tensor input, torch.Tensor? shortcut = null, bool relu = true)
        {
            ArgumentNullException.ThrowIfNull(input);
            if (training && affine && track_running_stats)
            {
                return Operators.batch_norm_relu.Call(input, weight, bias, running_mean, running_var, shortcut, relu, CountBatch(), eps);
            }

            torch.Tensor result = forward(input);
            if (shortcut is not null) result = Replaced(result, result.add(shortcut));
            return relu ? Replaced(result, torch.nn.functional.relu(result)) : result;

            static torch.Tensor Replaced(torch.Tensor old, torch.Tensor next)
            {
                old.Dispose();
                return next;
            }
        }

        /// <summary>
        /// The largest elements of relu(norm(input)) in windows of 3 × 3, two pixels apart: <c>max_pool2d(…, 3, 2, 1)</c>. In training on a CPU
        /// the normalised maps are never written where <paramref name="input"/> is channels-last.
        /// </summary>
        /// <param name="input">[N, C, H, W].</param>
        /// <returns>[N, C, ⌈H / 2⌉, ⌈W / 2⌉].</returns>
        [BeyondTorchSharp("TorchSharp has no such operator")]
        public torch.Tensor forward_relu_max_pool(torch.Tensor input)
        {
            ArgumentNullException.ThrowIfNull(input);
            if (training && affine && track_running_stats)
            {
                return Operators.batch_norm_relu_max_pool.Call(input, weight, bias, running_mean, running_var, CountBatch(), eps);
            }

            using torch.Tensor maps = forward_relu(input);
            return torch.nn.functional.max_pool2d(maps, 3, 2, 1);
        }
    }
}

namespace S3L.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Makes batch normalisation of vectors [N, C].</summary>
            public static Modules.BatchNorm1d BatchNorm1d(long num_features, double eps = 1e-5, double momentum = 0.1, bool affine = true,
                bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            /// <summary>Makes batch normalisation of images [N, C, H, W].</summary>
            public static Modules.BatchNorm2d BatchNorm2d(long num_features, double eps = 1e-5, double momentum = 0.1, bool affine = true,
                bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);
        }
    }
}
