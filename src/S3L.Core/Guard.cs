namespace S3L.Core;

/// <summary>Checks of arguments: each refusal names the argument, what was expected and what came.</summary>
internal static class Guard
{
    internal static int AtLeast(int value, int least, string name) => value >= least
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}.");

    internal static long AtLeast(long value, long least, string name) => value >= least
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}.");

    internal static int Odd(int value, string name) => value >= 1 && value % 2 == 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be an odd number of at least 1.");

    internal static double Positive(double value, string name) => value > 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a finite number above 0.");

    internal static double NotNegative(double value, string name) => value >= 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a finite number of at least 0.");

    /// <summary>Both ends belong to the range.</summary>
    internal static int Within(int value, int least, int most, string name) => value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be in [{least}, {most}].");

    /// <summary>Both ends belong to the range. NaN lies in none.</summary>
    internal static double Within(double value, double least, double most, string name) => value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be in [{least}, {most}].");

    internal static T Defined<T>(T value, string name) where T : struct, Enum => Enum.IsDefined(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be one of {string.Join(", ", Enum.GetNames<T>())}.");

    internal static IReadOnlyList<T> NotEmpty<T>(IReadOnlyList<T> values, string name) => values is { Count: > 0 } && values.All(v => v is not null)
        ? values
        : throw new ArgumentException($"{name} must hold at least one element and no null, but is [{string.Join(", ", values ?? [])}].", name);

    /// <summary>Rows of one length: [N, D] with N of at least <paramref name="leastRows"/>.</summary>
    internal static void Rows(torch.Tensor tensor, long leastRows, string name)
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        long[] shape = tensor.shape;
        if (shape.Length != 2 || shape[0] < leastRows)
        {
            throw new ArgumentException($"{name} must be [N, D] with N of at least {leastRows}, but is [{string.Join(", ", shape)}].", name);
        }
    }

    internal static void SameShape(torch.Tensor tensor, torch.Tensor other, string name, string otherName)
    {
        long[] shape = tensor.shape;
        long[] expected = other.shape;
        if (!shape.AsSpan().SequenceEqual(expected))
        {
            throw new ArgumentException(
                $"{name} must have the shape of {otherName}, [{string.Join(", ", expected)}], but is [{string.Join(", ", shape)}].", name);
        }
    }

    /// <summary>Pictures as a network takes them: [N, 3, H, W] with N of at least 1.</summary>
    internal static void Images(torch.Tensor images, int leastSide, string name)
    {
        ArgumentNullException.ThrowIfNull(images, name);
        long[] shape = images.shape;
        if (shape.Length != 4 || shape[0] < 1 || shape[1] != 3 || shape[2] < leastSide || shape[3] < leastSide)
        {
            throw new ArgumentException(
                $"{name} must be [N, 3, H, W] with N of at least 1 and H and W of at least {leastSide}, but is [{string.Join(", ", shape)}].", name);
        }
    }
}
