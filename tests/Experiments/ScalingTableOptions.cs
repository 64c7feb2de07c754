namespace Experiments;

/// <summary>What all rows of the table of scaled-down recipes share.</summary>
internal sealed record ScalingTableOptions(string Data, string Train, string Test, int Seeds)
{
    /// <summary>What its cells are called.</summary>
    public required string Name { get; init; }

    /// <summary>How to learn.</summary>
    public required string Method { get; init; }

    /// <summary>First layers: imagenet or small.</summary>
    public required string Stem { get; init; }

    /// <summary>Pixels at which everything is classified.</summary>
    public required int TuneResolution { get; init; }

    /// <summary>Share of the labels.</summary>
    public required string Fraction { get; init; }

    /// <summary>Epochs of fine-tuning with all labels.</summary>
    public required int EpochsOfAllLabels { get; init; }

    /// <summary>Training pictures that are used; null means all.</summary>
    public int? Limit { get; init; }

    /// <summary>The standard, then what is held against it.</summary>
    public required IReadOnlyList<ScalingRow> Rows { get; init; }

    /// <summary>Photographs of clothes: 112 px and all stages against less of either, MoCo v2.</summary>
    public static ScalingTableOptions Clothes(string data, string train, string test, int seeds, int epochs) => new(data, train, test, seeds)
    {
        Name = "scaling",
        Method = "mocov2",
        Stem = "imagenet",
        TuneResolution = 112,
        Fraction = "0.1",
        // A third of the paper's 120.
        EpochsOfAllLabels = 40,
        Rows =
        [
            new("standard", Of(112, epochs), 4),
            new("small resolution", Of(56, epochs), 4),
            new("multi-stage", $"{Of(56, epochs / 2)},{Of(112, epochs - (epochs / 2))}", 4),
            new("small architecture", Of(56, epochs), 3),
        ],
    };

    /// <summary>CIFAR-10: 32 px against 16 and then 32, SimCLR.</summary>
    public static ScalingTableOptions Cifar(string data, string train, string test, int seeds, int epochs, int? limit) => new(
        data, train, test, seeds)
    {
        Name = "cifar",
        Method = "simclr",
        Stem = "small",
        TuneResolution = 32,
        Fraction = "0.1",
        // As many steps as with a tenth of the labels.
        EpochsOfAllLabels = 20,
        Limit = limit,
        Rows = [new("standard", Of(32, epochs), 4), new("multi-stage", $"{Of(16, epochs / 2)},{Of(32, epochs - (epochs / 2))}", 4)],
    };

    private static string Of(int resolution, int epochs) => FormattableString.Invariant($"{resolution}x{epochs}");
}
