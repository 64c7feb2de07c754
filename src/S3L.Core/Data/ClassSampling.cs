namespace S3L.Core.Data;

/// <summary>Draws of pictures, class by class: the same seed draws the same.</summary>
internal static class ClassSampling
{
    // Streams of random numbers of their own, so that one seed draws independently for each purpose.
    internal const long WholeStream = -2;
    internal const long ClassStream = -3;
    internal const long ChoiceStream = -4;

    /// <summary>Numbers of the pictures of each class.</summary>
    internal static int[][] ByClass(IEnumerable<int> labels, int classes)
    {
        var groups = new List<int>[classes];
        for (int label = 0; label < groups.Length; label++) groups[label] = [];
        foreach ((int index, int label) in labels.Index()) groups[label].Add(index);
        return [.. groups.Select(g => g.ToArray())];
    }

    /// <summary>So many of each class that has any, in rising order.</summary>
    internal static int[] PerClass(int[][] byClass, Func<int, int> countOf, int seed)
    {
        var chosen = new List<int>();
        for (int label = 0; label < byClass.Length; label++)
        {
            if (byClass[label].Length > 0) chosen.AddRange(Drawn(byClass[label], countOf(byClass[label].Length), seed, ClassStream, label));
        }

        chosen.Sort();
        return [.. chosen];
    }

    /// <summary>So many of the numbers, in rising order.</summary>
    internal static int[] Drawn(int[] numbers, int count, int seed, long stream, long substream = 0)
    {
        int[] all = [.. numbers];
        CounterRandom random = stream == WholeStream ? new CounterRandom(seed, stream) : new CounterRandom(seed, stream, substream);
        random.Shuffle(all.AsSpan());
        int[] chosen = all[..count];
        Array.Sort(chosen);
        return chosen;
    }

    /// <summary>A share of so many, at least one.</summary>
    internal static int CountOf(int size, double fraction) => Math.Max(1, (int)Math.Round(size * fraction));

    /// <exception cref="ArgumentOutOfRangeException">It is not in (0, 1].</exception>
    internal static void CheckFraction(double fraction)
    {
        if (fraction > 0 && fraction <= 1) return;
        throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "fraction must be in (0, 1].");
    }
}
