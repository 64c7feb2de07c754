namespace S3L.Torch.Modules
{
    /// <summary>x σ(x) with the logistic function σ.</summary>
    public sealed class SiLU : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        internal SiLU(bool inplace) : base(nameof(SiLU)) => this.inplace = inplace;

        /// <summary>Whether the input is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override torch.Tensor forward(torch.Tensor tensor) => torch.nn.functional.silu(tensor, inplace);
    }
}

namespace S3L.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Makes x σ(x) with the logistic function σ.</summary>
            public static Modules.SiLU SiLU() => new(inplace: false);

            /// <summary>Makes x σ(x) with the logistic function σ.</summary>
            public static Modules.SiLU SiLU(bool inplace) => new(inplace);
        }
    }
}
