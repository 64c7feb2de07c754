using System.Globalization;

namespace RecipeSample;

/// <summary>Shares of the labels as text.</summary>
internal static class Fractions
{
    internal static IReadOnlyList<double> Parse(string text) => [.. text.Split(',').Select(part =>
        double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double fraction)
            ? fraction
            : throw new ArgumentException($"--fractions must be numbers separated by commas, but has '{part}'."))];
}
