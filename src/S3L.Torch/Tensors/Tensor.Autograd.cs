namespace S3L.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Adds the derivatives of this tensor of one element to the gradients of all leaves that it was computed from.</summary>
        /// <exception cref="TorchStateException">Nothing was recorded, or the record was used before.</exception>
        public void backward() => Status.Check(Native.s3l_backward(SafeHandle, 0, 0, 0), "backward");

        /// <summary>Adds derivatives as <see cref="backward()"/> does, weighted by <paramref name="grad_tensors"/>.</summary>
        /// <exception cref="ArgumentException">More than one weight, or a restriction to inputs, which is not supported.</exception>
        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            if (inputs is not null) throw new ArgumentException("inputs must be null: restricting the leaves is not supported.", nameof(inputs));
            if (grad_tensors is { Count: > 1 })
            {
                throw new ArgumentException($"grad_tensors must hold at most one tensor, but holds {grad_tensors.Count}.", nameof(grad_tensors));
            }

            Tensor? weight = grad_tensors?.FirstOrDefault();
            nint gradient = weight?.Acquire() ?? 0;
            try
            {
                byte retain = retain_graph || create_graph ? (byte)1 : (byte)0;
                Status.Check(Native.s3l_backward(SafeHandle, gradient, retain, create_graph ? (byte)1 : (byte)0), "backward");
            }
            finally
            {
                weight?.Release();
            }
        }
    }
}
