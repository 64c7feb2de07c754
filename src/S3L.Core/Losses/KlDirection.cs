namespace S3L.Core.Losses;

/// <summary>Over which distribution a Kullback-Leibler divergence between output p and target u averages.</summary>
public enum KlDirection
{
    /// <summary>KL(p ‖ u) = Σ p (log p − log u), as in the paper.</summary>
    FromOutput,

    /// <summary>KL(u ‖ p) = Σ u (log u − log p), as in ordinary distillation.</summary>
    FromTarget,
}
