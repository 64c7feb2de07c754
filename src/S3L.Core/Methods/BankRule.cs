namespace S3L.Core.Methods;

/// <summary>How a memory bank learns from a batch.</summary>
public enum BankRule
{
    /// <summary>
    /// Every candidate row takes the step that the discrimination loss asks of it: w_c ← normalise(w_c + ((1 − m)/m) Σ_i (y_ic − p_ic) z_i).
    /// </summary>
    Corrected,

    /// <summary>Only the batch's own rows move, each towards its image: w_i ← normalise(m w_i + (1 − m) z_i).</summary>
    Momentum,
}
