namespace S3L.Core.Augmentation;

/// <summary>Mean and standard deviation of red, green and blue in [0, 1], by which colours are normalised.</summary>
public sealed record ColorStatistics
{
    /// <summary>Of one data set.</summary>
    /// <exception cref="ArgumentException">One of them has not three values, or a deviation is not above 0.</exception>
    public ColorStatistics(IReadOnlyList<double> mean, IReadOnlyList<double> deviation)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(deviation);
        if (mean.Count != 3) throw new ArgumentException($"mean must hold three values, but holds {mean.Count}.", nameof(mean));
        if (deviation.Count != 3 || deviation.Any(d => !(d > 0)))
        {
            throw new ArgumentException($"deviation must hold three values above 0, but is [{string.Join(", ", deviation)}].", nameof(deviation));
        }

        Mean = [.. mean];
        Deviation = [.. deviation];
    }

    /// <summary>ImageNet's.</summary>
    public static ColorStatistics ImageNet { get; } = new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

    /// <summary>CIFAR-10's.</summary>
    public static ColorStatistics Cifar10 { get; } = new([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]);

    /// <summary>Means of red, green and blue.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>Standard deviations of red, green and blue.</summary>
    public IReadOnlyList<double> Deviation { get; }

    /// <summary>True where all values are equal.</summary>
    public bool Equals(ColorStatistics? other) => other is not null && Mean.SequenceEqual(other.Mean) && Deviation.SequenceEqual(other.Deviation);

    /// <inheritdoc/>
    public override int GetHashCode() => Mean.Concat(Deviation).Aggregate(17, HashCode.Combine);
}
