using System.Text.Json;

namespace Experiments;

/// <summary>Mean and standard deviation over seeds; of one seed there is no deviation.</summary>
internal readonly record struct Spread(double Mean, double? Deviation)
{
    public static Spread Of(IReadOnlyCollection<JsonElement> cells, string property)
    {
        double[] values = [.. cells.Select(c => c.GetProperty(property).GetDouble())];
        double mean = values.Average();
        return new Spread(mean, values.Length > 1 ? Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1)) : null);
    }

    public override string ToString() => FormattableString.Invariant($"{Mean:f3}") +
        (Deviation is { } deviation ? FormattableString.Invariant($" ± {deviation:f3}") : "");
}
