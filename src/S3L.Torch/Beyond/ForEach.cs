namespace S3L.Torch;

public static partial class torch
{
    /// <summary>
    /// Operations on lists of tensors in one call. Numbers that change from call to call are tensors without dimensions: on a GPU nothing waits for
    /// them, and a <see cref="Recording"/> finds their next values in the same place.
    /// </summary>
    [BeyondTorchSharp("TorchSharp works tensor by tensor")]
    public static class foreach_
    {
        /// <summary>Moves each target towards its source: target ← keep × target + (1 − keep) × source.</summary>
        public static void average_(Tensor[] targets, Tensor[] sources, Tensor keep)
        {
            ArgumentNullException.ThrowIfNull(targets);
            ArgumentNullException.ThrowIfNull(sources);
            CheckNumber(keep, nameof(keep));
            CheckShapes(sources, targets, nameof(sources), nameof(targets));
            if (targets.Length == 0 || Operators.average_.CallBool(targets, sources, keep)) return;
            using IDisposable quiet = no_grad();
            using DisposeScope scope = NewDisposeScope();
            Operators.scale_.Run(targets, keep);
            Operators._foreach_add__List.Run(targets, Operators.scaled.CallList(sources, 1 - keep), 1.0);
        }

        /// <summary>
        /// Gradient descent with momentum: v ← μ v + g + λ w, then w ← w − η v, or with Nesterov's w ← w − η (g + λ w + μ v).
        /// </summary>
        public static void descend_(Tensor[] weights, Tensor[] gradients, Tensor[] momenta, Tensor lr, double momentum, double weight_decay,
            bool nesterov)
        {
            ArgumentNullException.ThrowIfNull(weights);
            ArgumentNullException.ThrowIfNull(gradients);
            ArgumentNullException.ThrowIfNull(momenta);
            CheckNumber(lr, nameof(lr));
            CheckShapes(gradients, weights, nameof(gradients), nameof(weights));
            CheckShapes(momenta, weights, nameof(momenta), nameof(weights));
            if (weights.Length == 0 || Operators.descend_.CallBool(weights, gradients, momenta, lr, momentum, weight_decay, nesterov)) return;
            using IDisposable quiet = no_grad();
            using DisposeScope scope = NewDisposeScope();
            Tensor[] direction = weight_decay > 0 ? Operators._foreach_add_List.CallList(gradients, weights, weight_decay) : gradients;
            Operators._foreach_mul__Scalar.Run(momenta, momentum);
            Operators._foreach_add__List.Run(momenta, direction, 1.0);
            Tensor[] step = nesterov ? Operators._foreach_add_List.CallList(direction, momenta, momentum) : momenta;
            Operators._foreach_add__List.Run(weights, Operators.scaled.CallList(step, lr), -1.0);
        }

        /// <summary>
        /// Adam with decoupled weight decay (arXiv 1711.05101): m ← β₁ m + (1 − β₁) g, s ← β₂ s + (1 − β₂) g²,
        /// w ← (1 − η λ) w − η m̂ / (√ŝ + ε), where m̂ and ŝ are corrected for the updates that each parameter has had.
        /// </summary>
        /// <param name="weights">w.</param>
        /// <param name="gradients">g.</param>
        /// <param name="means">m.</param>
        /// <param name="squares">s.</param>
        /// <param name="steps">[] each, in int64: how many updates each parameter has had. Counted up by this one.</param>
        /// <param name="lr">η.</param>
        /// <param name="beta1">β₁.</param>
        /// <param name="beta2">β₂.</param>
        /// <param name="eps">ε.</param>
        /// <param name="weight_decay">λ.</param>
        public static void adamw_(Tensor[] weights, Tensor[] gradients, Tensor[] means, Tensor[] squares, Tensor[] steps, Tensor lr, double beta1,
            double beta2, double eps, double weight_decay)
        {
            ArgumentNullException.ThrowIfNull(weights);
            ArgumentNullException.ThrowIfNull(gradients);
            ArgumentNullException.ThrowIfNull(means);
            ArgumentNullException.ThrowIfNull(squares);
            CheckNumber(lr, nameof(lr));
            CheckShapes(gradients, weights, nameof(gradients), nameof(weights));
            CheckShapes(means, weights, nameof(means), nameof(weights));
            CheckShapes(squares, weights, nameof(squares), nameof(weights));
            CheckSteps(steps, weights.Length);
            if (weights.Length == 0) return;
            using IDisposable quiet = no_grad();
            using DisposeScope scope = NewDisposeScope();
            Operators._foreach_add__Scalar.Run(steps, 1L);
            if (Operators.adapt_.CallBool(weights, gradients, means, squares, steps, lr, beta1, beta2, eps, weight_decay)) return;
            Operators.scale_.Run(weights, 1 - (lr * weight_decay));
            Operators._foreach_mul__Scalar.Run(means, beta1);
            Operators._foreach_add__List.Run(means, gradients, 1 - beta1);
            Operators._foreach_mul__Scalar.Run(squares, beta2);
            Operators._foreach_addcmul__Scalar.Run(squares, gradients, gradients, 1 - beta2);
            // Counts differ where parameters joined at different times. The device has them, and the corrections with them.
            Tensor counts = stack(steps).to(float64);                                        // [n]
            Tensor[] roots = (1 / (1 - (counts * Math.Log(beta2)).exp()).sqrt()).unbind();
            Tensor[] rates = (lr / (1 - (counts * Math.Log(beta1)).exp())).unbind();
            Tensor[] denominators = Operators._foreach_sqrt.CallList(squares);
            Operators._foreach_mul__List.Run(denominators, roots);
            Operators._foreach_add__Scalar.Run(denominators, eps);
            Tensor[] step = Operators._foreach_mul_List.CallList(means, rates);
            Operators._foreach_div__List.Run(step, denominators);
            Operators._foreach_add__List.Run(weights, step, -1.0);
        }

        /// <summary>
        /// Layer-wise adaptive rates (arXiv 1708.03888): v ← μ v + η r (g + λ w), w ← w − v, with r = κ ‖w‖ / (‖g‖ + λ ‖w‖) for each tensor
        /// by itself; r is 1 where a norm is 0, and where there is no κ.
        /// </summary>
        /// <param name="weights">w.</param>
        /// <param name="gradients">g.</param>
        /// <param name="momenta">v.</param>
        /// <param name="lr">η.</param>
        /// <param name="momentum">μ.</param>
        /// <param name="weight_decay">λ.</param>
        /// <param name="trust_coefficient">κ.</param>
        public static void lars_(Tensor[] weights, Tensor[] gradients, Tensor[] momenta, Tensor lr, double momentum, double weight_decay,
            double? trust_coefficient)
        {
            ArgumentNullException.ThrowIfNull(weights);
            ArgumentNullException.ThrowIfNull(gradients);
            ArgumentNullException.ThrowIfNull(momenta);
            CheckNumber(lr, nameof(lr));
            CheckShapes(gradients, weights, nameof(gradients), nameof(weights));
            CheckShapes(momenta, weights, nameof(momenta), nameof(weights));
            if (weights.Length == 0) return;
            if (Operators.adapt_layers_.CallBool(weights, gradients, momenta, lr, momentum, weight_decay, trust_coefficient)) return;
            using IDisposable quiet = no_grad();
            using DisposeScope scope = NewDisposeScope();
            Tensor[] direction = weight_decay > 0 ? Operators._foreach_add_List.CallList(gradients, weights, weight_decay) : gradients;
            Tensor[] step = Operators.scaled.CallList(direction, lr);
            if (trust_coefficient is { } trust)
            {
                // All ratios in a few operations, and nothing that waits for the device.
                Tensor weightNorms = stack(Operators._foreach_norm_Scalar.CallList(weights, 2.0));
                Tensor gradientNorms = stack(Operators._foreach_norm_Scalar.CallList(gradients, 2.0));
                Tensor ratios = weightNorms * trust / (gradientNorms + (weightNorms * weight_decay));
                Tensor usable = weightNorms.gt(0).logical_and(gradientNorms.gt(0));
                Tensor[] rates = where(usable, ratios, ratios.ones_like()).unbind();
                Operators._foreach_mul__List.Run(step, rates);
            }

            Operators._foreach_mul__Scalar.Run(momenta, momentum);
            Operators._foreach_add__List.Run(momenta, step, 1.0);
            Operators._foreach_add__List.Run(weights, momenta, -1.0);
        }

        private static void CheckNumber(Tensor number, string name)
        {
            ArgumentNullException.ThrowIfNull(number, name);
            if (number.ndim != 0) throw new ArgumentException($"{name} must be a number, a tensor without dimensions, but is {number}.", name);
        }

        private static void CheckSteps(Tensor[] steps, int expected)
        {
            ArgumentNullException.ThrowIfNull(steps);
            if (steps.Length != expected)
            {
                throw new ArgumentException($"steps must have the length of weights, {expected}, but has {steps.Length}.", nameof(steps));
            }

            int wrong = Array.FindIndex(steps, t => t.ndim != 0 || t.dtype != int64);
            if (wrong < 0) return;
            throw new ArgumentException($"steps[{wrong}] must be a count, an int64 tensor without dimensions, but is {steps[wrong]}.", nameof(steps));
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
