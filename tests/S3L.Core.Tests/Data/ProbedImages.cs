using System.Collections.Concurrent;
using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

/// <summary>Pictures of noise and of several sizes in three classes, which remember who was loaded and may fail.</summary>
internal sealed class ProbedImages(int count, string? identity = "probed") : IImageDataset
{
    private readonly ConcurrentQueue<(int Index, int MinimumSide)> _loads = new();

    public int Count => count;

    public IReadOnlyList<string> ClassNames => ["a", "b", "c"];

    public string? Identity => identity;

    /// <summary>Called before a picture is loaded.</summary>
    public Action<int>? OnLoad { get; init; }

    /// <summary>All loads so far, in order.</summary>
    public IReadOnlyList<(int Index, int MinimumSide)> Loads => [.. _loads];

    public int GetLabel(int index) => index % 3;

    public string GetName(int index) => $"probe {index}";

    public RgbImage Load(int index, int minimumSide = 0)
    {
        _loads.Enqueue((index, minimumSide));
        OnLoad?.Invoke(index);
        int width = 20 + (index % 5), height = 16 + (index % 7);
        byte[] pixels = new byte[width * height * 3];
        new Random(index).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>The same pictures, none of which can be loaded.</summary>
    public static ProbedImages Closed(int count, string identity = "probed") =>
        new(count, identity) { OnLoad = index => throw new InvalidOperationException($"picture {index} was read") };

    /// <summary>The same pictures, some of which are damaged, and some cannot be got at.</summary>
    public static ProbedImages Away(int count, int[] damaged, params int[] away) => new(count)
    {
        OnLoad = index =>
        {
            if (damaged.Contains(index)) throw new UnreadableImageException($"probe {index}", "it was cut");
            if (away.Contains(index)) throw new UnreadableImageException($"probe {index}", "the share is away") { IsTransient = true };
        },
    };

    /// <summary>The same pictures, some of which are damaged.</summary>
    public static ProbedImages Damaged(int count, params int[] damaged) => Away(count, damaged);
}
