using System.Globalization;

namespace Benchmarks;

/// <summary>One row of the table: what is run, by us and by the peer.</summary>
/// <param name="Method">How to learn.</param>
/// <param name="Size">Height and width of the views, in pixels.</param>
/// <param name="Stem">First layers: small or imagenet.</param>
/// <param name="Stages">Leading stages of the ResNet-18.</param>
internal sealed record PeerRow(string Method, int Size, string Stem, int Stages)
{
    public static IReadOnlyList<PeerRow> All { get; } =
    [
        .. from method in (string[])["mocov2", "simclr", "simsiam", "byol", "instdisc"]
           from size in (int[])[32, 56, 112]
           from stages in (int[])[4, 3]
           select new PeerRow(method, size, size == 32 ? "small" : "imagenet", stages),
    ];

    /// <summary>What --only looks for a part of, such as <c>mocov2 56 imagenet 4</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Method} {Size} {Stem} {Stages}");

    public string[] OursArguments(string data, int batch, int steps, string json) =>
    [
        "--data", data, "--method", Method, "--resolutions", $"{Size}x1000", "--stages", $"{Stages}", "--stem", Stem, "--batch", $"{batch}",
        "--steps", $"{steps}", "--no-knn", "--json", json,
        // The peer's heads are those of the papers' scripts, where ours for some thousand pictures are smaller or larger.
        .. Method is "byol" or "instdisc" ? (string[])["--published"] : [],
    ];

    public string[] PeerArguments(string script, string data, int batch, int steps, int warmup, bool tuned) =>
    [
        script, "--data", data, "--method", Method, "--size", $"{Size}", "--batch", $"{batch}", "--steps", $"{steps}", "--warmup", $"{warmup}",
        "--stages", $"{Stages}", "--threads", $"{Environment.ProcessorCount}", "--workers", $"{Environment.ProcessorCount}",
        .. Stem == "small" ? (string[])["--cifar-stem", "--no-blur"] : [],
        .. tuned ? (string[])["--tuned"] : [],
    ];
}
