namespace S3L.Torch.Modules
{
    /// <summary>A tensor that is trained. It belongs to no dispose scope.</summary>
    public class Parameter : torch.Tensor
    {
        /// <summary>Shares the memory of <paramref name="data"/>, which the caller still owns.</summary>
        public Parameter(torch.Tensor data, bool requires_grad = true) : base(Check(data))
        {
            DetachFromDisposeScope();
            this.requires_grad = requires_grad;
        }

        private static torch.Tensor Check(torch.Tensor data)
        {
            ArgumentNullException.ThrowIfNull(data);
            return data;
        }
    }
}

namespace S3L.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Makes a trained tensor that shares the memory of <paramref name="data"/>.</summary>
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
