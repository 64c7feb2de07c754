namespace S3L.Core.Schedules;

/// <summary>One stage of pretraining: so many epochs at one resolution.</summary>
public sealed record ResolutionStage
{
    /// <summary>A stage of <paramref name="epochs"/> epochs at <paramref name="resolution"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them is below 1.</exception>
    public ResolutionStage(int resolution, int epochs)
    {
        Resolution = resolution;
        Epochs = epochs;
    }

    /// <summary>Height and width of the views, in pixels; at least 1.</summary>
    public int Resolution
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Resolution));
    }

    /// <summary>Passes over all pictures; at least 1.</summary>
    public int Epochs
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Epochs));
    }

    /// <summary>Images per step; null takes the run's.</summary>
    public int? BatchSize
    {
        get;
        init => field = value is { } size ? Guard.AtLeast(size, 2, nameof(BatchSize)) : null;
    }

    /// <summary>Learning rate at the start of the stage; null takes the run's.</summary>
    public double? LearningRate
    {
        get;
        init => field = value is { } rate ? Guard.Positive(rate, nameof(LearningRate)) : null;
    }

    /// <summary>
    /// Whether the learning-rate curve begins anew, default true, as in the paper; otherwise it goes on over this stage from the one before, and
    /// one curve spans both. The first stage begins one in any case.
    /// </summary>
    public bool RestartsCurve { get; init; } = true;

    /// <summary>Whether the optimizer forgets its momentum, default true, as in the paper.</summary>
    public bool RestartsOptimizer { get; init; } = true;

    /// <summary>
    /// Whether what the method remembers of pictures (queue, bank) is made anew, default false: embeddings at another resolution differ little.
    /// </summary>
    public bool RestartsMemory { get; init; }

    /// <summary>Reads <c>RESOLUTIONxEPOCHS[:OPTION…]</c> with the options of <see cref="ToString"/>.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static ResolutionStage Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ResolutionStageText.Read(text.Trim()) ?? throw new FormatException($"{ResolutionStageText.Form}, but '{text.Trim()}' does not.");
    }

    /// <summary>
    /// The form that <see cref="Parse"/> reads: <c>RESOLUTIONxEPOCHS</c>, then of <c>:batch=N</c>, <c>:rate=X</c>, <c>:keep-curve</c>,
    /// <c>:keep-optimizer</c> and <c>:restart-memory</c> what differs from the defaults.
    /// </summary>
    public override string ToString() => ResolutionStageText.Write(this);
}
