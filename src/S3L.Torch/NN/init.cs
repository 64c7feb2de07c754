namespace S3L.Torch;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Initial values of parameters.</summary>
        public static class init
        {
            /// <summary>Which side of a layer keeps its variance.</summary>
            public enum FanInOut
            {
                /// <summary>The input, in the forward pass.</summary>
                FanIn = 0,

                /// <summary>The output, in the backward pass.</summary>
                FanOut = 1,
            }

            /// <summary>What follows a layer.</summary>
            public enum NonlinearityType
            {
                /// <summary>Nothing.</summary>
                Linear = 0,

                /// <summary>A rectifier.</summary>
                ReLU = 9,

                /// <summary>A leaky rectifier.</summary>
                LeakyReLU = 10,
            }

            /// <summary>Inputs and outputs that one weight joins, times the size of the kernel.</summary>
            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                long[] shape = tensor.shape;
                if (shape.Length < 2) throw new ArgumentException($"tensor must have at least 2 dimensions, but has {shape.Length}.", nameof(tensor));
                long kernel = shape.Skip(2).Aggregate(1L, (a, b) => a * b);
                return (shape[1] * kernel, shape[0] * kernel);
            }

            /// <summary>Fills with one number.</summary>
            public static Tensor constant_(Tensor tensor, Scalar val) => Quietly(tensor, t => t.fill_(val));

            /// <summary>Draws from a normal distribution.</summary>
            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null) =>
                Quietly(tensor, t => t.normal_(mean, std, generator));

            /// <summary>Draws evenly from a range.</summary>
            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null) =>
                Quietly(tensor, t => t.uniform_(low, high, generator));

            /// <summary>Normal distribution whose variance is gain² / fan (arXiv 1502.01852).</summary>
            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn,
                NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, Deviation(tensor, a, mode, nonlinearity));

            /// <summary>Even distribution whose variance is gain² / fan (arXiv 1502.01852).</summary>
            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn,
                NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                double bound = Math.Sqrt(3) * Deviation(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            private static double Deviation(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                (long fanIn, long fanOut) = CalculateFanInAndFanOut(tensor);
                double gain = nonlinearity switch
                {
                    NonlinearityType.Linear => 1,
                    NonlinearityType.ReLU => Math.Sqrt(2),
                    NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + (a * a))),
                    _ => throw new ArgumentOutOfRangeException(nameof(nonlinearity), nonlinearity, "nonlinearity must be Linear, ReLU or LeakyReLU."),
                };
                return gain / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            private static Tensor Quietly(Tensor tensor, Func<Tensor, Tensor> fill)
            {
                using IDisposable mode = no_grad();
                return fill(tensor);
            }
        }
    }
}
