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
            if (targets.Length != sources.Length)
            {
                throw new ArgumentException($"sources must have the length of targets, {targets.Length}, but has {sources.Length}.", nameof(sources));
            }

            // libtorch would broadcast, or fail between the two operations.
            for (int i = 0; i < targets.Length; i++)
            {
                if (!targets[i].shape.AsSpan().SequenceEqual(sources[i].shape))
                {
                    throw new ArgumentException($"sources[{i}] must have the shape of targets[{i}], {targets[i]}, but is {sources[i]}.",
                        nameof(sources));
                }
            }

            if (targets.Length == 0) return;
            Operators._foreach_mul__Scalar.Run(targets, keep);
            Operators._foreach_add__List.Run(targets, sources, 1 - keep);
        }
    }
}
