namespace S3L.Torch.Modules
{
    /// <summary>x min(max(x + 3, 0), 6) / 6.</summary>
    public sealed class Hardswish : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        internal Hardswish(bool inplace) : base(nameof(Hardswish)) => this.inplace = inplace;

        /// <summary>Whether the input is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override torch.Tensor forward(torch.Tensor tensor) => torch.nn.functional.hardswish(tensor, inplace);
    }
}

namespace S3L.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Makes x min(max(x + 3, 0), 6) / 6.</summary>
            public static Modules.Hardswish Hardswish(bool inplace = false) => new(inplace);
        }
    }
}
