namespace S3L.Torch;

public static partial class torch
{
    /// <summary>Building blocks of networks.</summary>
    public static partial class nn
    {
        /// <summary>How the losses of single rows become one number.</summary>
        public enum Reduction : long
        {
            /// <summary>They do not.</summary>
            None = 0,

            /// <summary>Their mean.</summary>
            Mean = 1,

            /// <summary>Their sum.</summary>
            Sum = 2,
        }

        /// <summary>Layers and losses without state.</summary>
        public static class functional
        {
            /// <summary>Convolution of images [N, C, H, W] with weights [out, C / groups, kh, kw].</summary>
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null,
                long[]? dilation = null, long groups = 1) =>
                Operators.conv2d.Call(input, weight, bias, strides ?? One2, padding ?? Zero2, dilation ?? One2, groups);

            /// <summary>Convolution of volumes [N, C, D, H, W] with weights [out, C / groups, kd, kh, kw].</summary>
            public static Tensor conv3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null,
                long[]? dilation = null, long groups = 1) =>
                Operators.conv3d.Call(input, weight, bias, strides ?? One3, padding ?? Zero3, dilation ?? One3, groups);

            /// <summary>x Wᵀ + b.</summary>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Operators.linear.Call(input, weights, bias);

            /// <summary>Batch normalisation; in training it also updates the gathered statistics.</summary>
            /// <exception cref="ArgumentException">In training, a channel has only one value: its variance would become NaN.</exception>
            public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null,
                bool training = false, double momentum = 0.1, double eps = 1e-5)
            {
                if (training && input.shape is [1, _, .. var rest] && rest.All(size => size == 1))
                {
                    throw new ArgumentException($"input must have more than one value per channel in training, but is {input}.", nameof(input));
                }

                return Operators.batch_norm.Call(input, weight, bias, running_mean, running_var, training, momentum, eps, true);
            }

            /// <summary>Negative elements become zero.</summary>
            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? Operators.relu_.CallInPlace(x) : Operators.relu.Call(x);

            /// <summary>min(max(x, 0), 6).</summary>
            public static Tensor relu6(Tensor x, bool inplace = false) => inplace ? Operators.relu6_.CallInPlace(x) : Operators.relu6.Call(x);

            /// <summary>x σ(x) with the logistic function σ.</summary>
            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? Operators.silu_.CallInPlace(x) : Operators.silu.Call(x);

            /// <summary>min(max(x + 3, 0), 6) / 6.</summary>
            public static Tensor hardsigmoid(Tensor input, bool inplace = false) =>
                inplace ? Operators.hardsigmoid_.CallInPlace(input) : Operators.hardsigmoid.Call(input);

            /// <summary>x min(max(x + 3, 0), 6) / 6.</summary>
            public static Tensor hardswish(Tensor input, bool inplace = false) =>
                inplace ? Operators.hardswish_.CallInPlace(input) : Operators.hardswish.Call(input);

            /// <summary>The largest element of each window.</summary>
            public static Tensor max_pool2d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null,
                bool ceil_mode = false) =>
                Operators.max_pool2d.Call(input, Two(kernel_size), Two(stride ?? kernel_size), Two(padding ?? 0), Two(dilation ?? 1), ceil_mode);

            /// <summary>Means of a fixed number of windows.</summary>
            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => Operators.adaptive_avg_pool2d.Call(input, Two(output_size));

            /// <summary>Means of each window.</summary>
            public static Tensor avg_pool2d(Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false,
                bool count_include_pad = true, long? divisor_override = null) =>
                Operators.avg_pool2d.Call(input, Two(kernel_size), Two(stride ?? kernel_size), Two(padding), ceil_mode, count_include_pad,
                    divisor_override);

            /// <summary>Cross-entropy of rows of logits [N, classes] against class numbers [N].</summary>
            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100,
                Reduction reduction = Reduction.Mean, double label_smoothing = 0) =>
                Operators.cross_entropy_loss.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);

            /// <summary>Rows divided by their p-norm, but by no less than <paramref name="eps"/>.</summary>
            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1e-12)
            {
                using Tensor norm = Operators.norm_ScalarOpt_dim.Call(input, p, new[] { dim }, true);
                using Tensor bounded = norm.clamp_min(eps);
                return input.div(bounded);
            }

            /// <summary>Logarithm of the softmax along one dimension.</summary>
            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            private static readonly long[] One2 = [1, 1];
            private static readonly long[] Zero2 = [0, 0];
            private static readonly long[] One3 = [1, 1, 1];
            private static readonly long[] Zero3 = [0, 0, 0];

            private static long[] Two(long size) => [size, size];
        }
    }
}
