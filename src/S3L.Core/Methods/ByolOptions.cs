using S3L.Core.Schedules;

namespace S3L.Core.Methods;

/// <summary>Settings of <see cref="Byol"/>.</summary>
public sealed partial record ByolOptions
{
    /// <summary>
    /// m₀ in θ' ← m θ' + (1 − m) θ, in [0, 1]. Default null: follows the length of the run, 1 − 10/steps but within [0.99, 0.999]; the
    /// paper's 0.996 needs hundreds of thousands of steps, and S3L's scripts use 0.99.
    /// </summary>
    public double? Momentum
    {
        get;
        init => field = value is { } m ? Guard.Within(m, 0, 1, nameof(Momentum)) : null;
    }

    /// <summary>How m goes on from its start. Default: along a cosine to 1, as in the paper.</summary>
    public MomentumCurve MomentumCurve
    {
        get;
        init => field = Guard.Defined(value, nameof(MomentumCurve));
    }

    /// <summary>Width of the hidden layers of projector and predictor; at least 1, default 2,048 (S3L's scripts; the paper 4,096).</summary>
    public int HiddenWidth
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(HiddenWidth));
    } = 2048;

    /// <summary>E: length of an embedding; at least 1, default 128 (S3L's scripts; the paper 256).</summary>
    public int EmbeddingDimension
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(EmbeddingDimension));
    } = 128;

    /// <summary>Linear layers of the projector, at least 1, default 2, as in the paper.</summary>
    public int ProjectorLayers
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(ProjectorLayers));
    } = 2;

    /// <summary>
    /// What follows the projector's last layer. Default: nothing, as in the paper. Normalised embeddings, as SimSiam has them, cannot all
    /// drift to one side, which short runs are prone to.
    /// </summary>
    public HeadOutput ProjectorOutput
    {
        get;
        init => field = Guard.Defined(value, nameof(ProjectorOutput));
    }
}
