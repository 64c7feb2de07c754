namespace S3L.Core;

/// <summary>
/// Random numbers that depend on (seed, stream) alone and stay the same across versions of .NET, which System.Random does not promise.
/// SplitMix64 (Steele, Lea and Flood, 2014, https://doi.org/10.1145/2660193.2660195).
/// </summary>
/// <remarks>What is drawn for a picture depends on its number, not on the batch it came in or on the thread: nothing has to be saved to
/// resume.</remarks>
internal struct CounterRandom
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    private ulong _state;

    public CounterRandom(int seed, long stream) => _state = Mix(Mix((uint)seed + GoldenGamma) ^ ((ulong)stream * GoldenGamma));

    public CounterRandom(int seed, long stream, long substream) : this(seed, stream) => _state = Mix(_state ^ ((ulong)substream + 1) * GoldenGamma);

    public ulong NextBits() => Mix(_state += GoldenGamma);

    /// <summary>Uniform in [0, 1).</summary>
    public float NextUnit() => (NextBits() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [0, 1), with all 53 bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public float Next(float low, float high) => low + ((high - low) * NextUnit());

    /// <summary>Uniform in [low, high).</summary>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Uniform in the range.</summary>
    public float Next(Range range) => Next(range.Low, range.High);

    /// <summary>Uniform among 0 … count - 1.</summary>
    public int NextIndex(int count) => (int)((NextBits() >> 32) * (ulong)count >> 32);

    /// <summary>True with the given probability.</summary>
    public bool NextChance(double probability) => NextDouble() < probability;

    /// <summary>Close to a standard normal: the sum of four uniforms, so within ±3.5.</summary>
    public float NextNormal()
    {
        ulong bits = NextBits();
        uint sum = (uint)(bits & 0xFFFF) + (uint)((bits >> 16) & 0xFFFF) + (uint)((bits >> 32) & 0xFFFF) + (uint)(bits >> 48);
        return (sum - 131070f) * (1.7320508f / 65536);
    }

    /// <summary>Puts the items into random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextIndex(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>A closed-open interval to draw from.</summary>
    public readonly record struct Range(float Low, float High);
}
