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
            using IDisposable quiet = no_grad();
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
            using IDisposable quiet = no_grad();
            using DisposeScope scope = NewDisposeScope();
            Tensor[] direction = weight_decay > 0 ? Operators._foreach_add_List.CallList(gradients, weights, weight_decay) : gradients;
            Operators._foreach_mul__Scalar.Run(momenta, momentum);
            Operators._foreach_add__List.Run(momenta, direction, 1.0);
            Tensor[] step = nesterov ? Operators._foreach_add_List.CallList(direction, momenta, momentum) : momenta;
            Operators._foreach_add__List.Run(weights, step, -lr);
        }

        /// <summary>
        /// Adam with decoupled weight decay (arXiv 1711.05101): m ← β₁ m + (1 − β₁) g, s ← β₂ s + (1 − β₂) g²,
        /// w ← (1 − η λ) w − η m̂ / (√ŝ + ε), where m̂ and ŝ are corrected for the updates that each parameter has had.
        /// </summary>
        /// <param name="weights">w.</param>
        /// <param name="gradients">g.</param>
        /// <param name="means">m.</param>
        /// <param name="squares">s.</param>
        /// <param name="steps">How many updates each parameter has had with this one, from 1 on.</param>
        /// <param name="lr">η.</param>
        /// <param name="beta1">β₁.</param>
        /// <param name="beta2">β₂.</param>
        /// <param name="eps">ε.</param>
        /// <param name="weight_decay">λ.</param>
        public static void adamw_(Tensor[] weights, Tensor[] gradients, Tensor[] means, Tensor[] squares, long[] steps, double lr, double beta1,
            double beta2, double eps, double weight_decay)
        {
            ArgumentNullException.ThrowIfNull(weights);
            ArgumentNullException.ThrowIfNull(gradients);
            ArgumentNullException.ThrowIfNull(means);
            ArgumentNullException.ThrowIfNull(squares);
            ArgumentNullException.ThrowIfNull(steps);
            CheckShapes(gradients, weights, nameof(gradients), nameof(weights));
            CheckShapes(means, weights, nameof(means), nameof(weights));
            CheckShapes(squares, weights, nameof(squares), nameof(weights));
            CheckSteps(steps, weights.Length);
            // η m̂ / (√ŝ + ε) is rate × m / (√s + epsilon), with both corrections in these two.
            double[] roots = [.. steps.Select(t => Math.Sqrt(1 - Math.Pow(beta2, t)))];
            double[] rates = [.. steps.Select((t, i) => lr * roots[i] / (1 - Math.Pow(beta1, t)))];
            double[] epsilons = [.. roots.Select(root => eps * root)];
            double kept = 1 - (lr * weight_decay);
            if (weights.Length == 0) return;
            if (Operators.adapt_.CallBool(weights, gradients, means, squares, rates, epsilons, beta1, beta2, kept)) return;
            using IDisposable quiet = no_grad();
            using DisposeScope scope = NewDisposeScope();
            Operators._foreach_mul__Scalar.Run(weights, kept);
            Operators._foreach_mul__Scalar.Run(means, beta1);
            Operators._foreach_add__List.Run(means, gradients, 1 - beta1);
            Operators._foreach_mul__Scalar.Run(squares, beta2);
            Operators._foreach_addcmul__Scalar.Run(squares, gradients, gradients, 1 - beta2);
            Tensor[] denominators = Operators._foreach_sqrt.CallList(squares);
            // Nearly always one count for all.
            foreach (IGrouping<long, int> rows in Enumerable.Range(0, steps.Length).GroupBy(i => steps[i]))
            {
                int first = rows.First();
                Tensor[] divisors = Of(denominators, rows);
                Operators._foreach_add__Scalar.Run(divisors, epsilons[first]);
                Operators._foreach_addcdiv__Scalar.Run(Of(weights, rows), Of(means, rows), divisors, -rates[first]);
            }

            static Tensor[] Of(Tensor[] all, IEnumerable<int> rows) => [.. rows.Select(i => all[i])];
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
        public static void lars_(Tensor[] weights, Tensor[] gradients, Tensor[] momenta, double lr, double momentum, double weight_decay,
            double? trust_coefficient)
        {
            ArgumentNullException.ThrowIfNull(weights);
            ArgumentNullException.ThrowIfNull(gradients);
            ArgumentNullException.ThrowIfNull(momenta);
            CheckShapes(gradients, weights, nameof(gradients), nameof(weights));
            CheckShapes(momenta, weights, nameof(momenta), nameof(weights));
            if (weights.Length == 0) return;
            if (Operators.adapt_layers_.CallBool(weights, gradients, momenta, lr, momentum, weight_decay, trust_coefficient)) return;
            using IDisposable quiet = no_grad();
            using DisposeScope scope = NewDisposeScope();
            Tensor[] direction = weight_decay > 0 ? Operators._foreach_add_List.CallList(gradients, weights, weight_decay)
                : Operators._foreach_mul_Scalar.CallList(gradients, 1.0);
            if (trust_coefficient is { } trust)
            {
                // All ratios in a few operations, and nothing that waits for the device.
                Tensor weightNorms = stack(Operators._foreach_norm_Scalar.CallList(weights, 2.0));
                Tensor gradientNorms = stack(Operators._foreach_norm_Scalar.CallList(gradients, 2.0));
                Tensor ratios = weightNorms * trust / (gradientNorms + (weightNorms * weight_decay));
                Tensor usable = weightNorms.gt(0).logical_and(gradientNorms.gt(0));
                Tensor[] rates = where(usable, ratios, ratios.ones_like()).unbind();
                for (int i = 0; i < direction.Length; i++) direction[i].mul_(rates[i]);
            }

            Operators._foreach_mul__Scalar.Run(momenta, momentum);
            Operators._foreach_add__List.Run(momenta, direction, lr);
            Operators._foreach_add__List.Run(weights, momenta, -1.0);
        }

        private static void CheckSteps(long[] steps, int expected)
        {
            if (steps.Length != expected)
            {
                throw new ArgumentException($"steps must have the length of weights, {expected}, but has {steps.Length}.", nameof(steps));
            }

            int wrong = Array.FindIndex(steps, t => t < 1);
            if (wrong >= 0) throw new ArgumentException($"steps[{wrong}] must be at least 1, but is {steps[wrong]}.", nameof(steps));
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
