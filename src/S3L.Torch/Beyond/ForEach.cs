namespace S3L.Torch;

public static partial class torch
{
    /// <summary>Operations on lists of tensors in one call.</summary>
    [BeyondTorchSharp("TorchSharp works tensor by tensor")]
    public static class foreach_
    {
        /// <summary>Moves each target towards its source: target ← keep × target + (1 − keep) × source.</summary>
        public static void average_(Tensor[] targets, Tensor[] sources, double keep)
        {
            ArgumentNullException.ThrowIfNull(targets);
            ArgumentNullException.ThrowIfNull(sources);
            CheckShapes(sources, targets, nameof(sources), nameof(targets));
            if (targets.Length == 0 || Operators.average_.CallBool(targets, sources, keep)) return;
            Operators._foreach_mul__Scalar.Run(targets, keep);
            Operators._foreach_add__List.Run(targets, sources, 1 - keep);
        }

        /// <summary>
        /// Gradient descent with momentum: v ← μ v + g + λ w, then w ← w − η v, or with Nesterov's w ← w − η (g + λ w + μ v).
        /// </summary>
        public static void descend_(Tensor[] weights, Tensor[] gradients, Tensor[] momenta, double lr, double momentum, double weight_decay,
            bool nesterov)
        {
            ArgumentNullException.ThrowIfNull(weights);
            ArgumentNullException.ThrowIfNull(gradients);
            ArgumentNullException.ThrowIfNull(momenta);
            CheckShapes(gradients, weights, nameof(gradients), nameof(weights));
            CheckShapes(momenta, weights, nameof(momenta), nameof(weights));
            if (weights.Length == 0 || Operators.descend_.CallBool(weights, gradients, momenta, lr, momentum, weight_decay, nesterov)) return;
            using DisposeScope scope = NewDisposeScope();
            Tensor[] direction = weight_decay > 0 ? Operators._foreach_add_List.CallList(gradients, weights, weight_decay) : gradients;
            Operators._foreach_mul__Scalar.Run(momenta, momentum);
            Operators._foreach_add__List.Run(momenta, direction, 1.0);
            Tensor[] step = nesterov ? Operators._foreach_add_List.CallList(direction, momenta, momentum) : momenta;
            Operators._foreach_add__List.Run(weights, step, -lr);
        }

        // libtorch would broadcast, or fail between two operations.
        private static void CheckShapes(Tensor[] tensors, Tensor[] expected, string name, string expectedName)
        {
            if (tensors.Length != expected.Length)
            {
                throw new ArgumentException($"{name} must have the length of {expectedName}, {expected.Length}, but has {tensors.Length}.", name);
            }

            for (int i = 0; i < tensors.Length; i++)
            {
                if (!tensors[i].shape.AsSpan().SequenceEqual(expected[i].shape))
                {
                    throw new ArgumentException($"{name}[{i}] must have the shape of {expectedName}[{i}], {expected[i]}, but is {tensors[i]}.", name);
                }
            }
        }
    }
}
