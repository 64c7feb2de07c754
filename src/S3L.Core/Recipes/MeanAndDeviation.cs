namespace S3L.Core.Recipes;

/// <summary>A figure measured several times.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation of the sample; 0 for one measurement.</param>
/// <param name="Count">How many measurements.</param>
public readonly record struct MeanAndDeviation(double Mean, double Deviation, int Count)
{
    /// <summary>Mean and deviation of figures.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static MeanAndDeviation Of(params IReadOnlyList<double> figures)
    {
        ArgumentNullException.ThrowIfNull(figures);
        if (figures.Count == 0) throw new ArgumentException("figures must hold at least one, but is empty.", nameof(figures));
        double mean = figures.Average();
        double squares = figures.Sum(f => (f - mean) * (f - mean));
        return new MeanAndDeviation(mean, figures.Count < 2 ? 0 : Math.Sqrt(squares / (figures.Count - 1)), figures.Count);
    }

    /// <summary>Such as <c>0.512 ± 0.004</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Mean:f3} ± {Deviation:f3}");
}
