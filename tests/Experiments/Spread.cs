using System.Text.Json;

namespace Experiments;

/// <summary>Mean and standard deviation over seeds.</summary>
internal readonly record struct Spread(double Mean, double Deviation)
{
    public static Spread Of(IReadOnlyCollection<JsonElement> cells, string property)
    {
        double[] values = [.. cells.Select(c => c.GetProperty(property).GetDouble())];
        double mean = values.Average();
        double variance = values.Length > 1 ? values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) : 0;
        return new Spread(mean, Math.Sqrt(variance));
    }

    public override string ToString() => FormattableString.Invariant($"{Mean:f3} ± {Deviation:f3}");
}
