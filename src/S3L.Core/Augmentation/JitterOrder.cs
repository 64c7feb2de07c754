namespace S3L.Core.Augmentation;

/// <summary>The operations of colour jitter.</summary>
public enum JitterOperation
{
    /// <summary>Multiplies all channels.</summary>
    Brightness,

    /// <summary>Blends with the mean of the gray picture.</summary>
    Contrast,

    /// <summary>Blends with the gray picture.</summary>
    Saturation,

    /// <summary>Turns the hue.</summary>
    Hue,
}

/// <summary>One of the 24 orders of the four colour operations.</summary>
public readonly record struct JitterOrder
{
    private static readonly JitterOperation[][] Orders = [.. Permutations([.. Enum.GetValues<JitterOperation>()])];

    private readonly int _number;

    /// <summary>An order by its number; 0 is brightness, contrast, saturation, hue.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="number"/> is not in [0, 23].</exception>
    public JitterOrder(int number) => _number = Guard.Within(number, 0, 23, nameof(number));

    /// <summary>The operation at a position from 0 to 3.</summary>
    public JitterOperation this[int position] => Orders[_number][position];

    /// <summary>The order of the given operations.</summary>
    /// <exception cref="ArgumentException">They are not the four operations.</exception>
    public static JitterOrder Of(params ReadOnlySpan<JitterOperation> operations)
    {
        for (int i = 0; i < Orders.Length; i++)
        {
            if (operations.SequenceEqual(Orders[i])) return new JitterOrder(i);
        }

        throw new ArgumentException($"operations must hold each operation once, but is [{string.Join(", ", operations.ToArray())}].",
            nameof(operations));
    }

    private static IEnumerable<JitterOperation[]> Permutations(JitterOperation[] items)
    {
        if (items.Length == 1) return [items];
        return items.SelectMany(first => Permutations([.. items.Where(i => i != first)]).Select(rest => (JitterOperation[])[first, .. rest]));
    }
}
