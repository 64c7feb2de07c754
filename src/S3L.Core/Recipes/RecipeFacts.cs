namespace S3L.Core.Recipes;

/// <summary>What a recipe's settings follow from.</summary>
public sealed record RecipeFacts
{
    /// <summary>Pictures to pretrain on; at least 2.</summary>
    public required int Images
    {
        get;
        init => field = Guard.AtLeast(value, 2, nameof(Images));
    }

    /// <summary>The shorter side that half of the pictures reach, in pixels; at least 1.</summary>
    public required int TypicalSide
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(TypicalSide));
    }

    /// <summary>Whether a GPU will be used.</summary>
    public bool HasGpu { get; init; }

    /// <summary>Stages of the whole network, without the stem; at least 1.</summary>
    public required int NetworkStages
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(NetworkStages));
    }

    /// <summary>The least height and width that the network takes, in pixels; at least 1.</summary>
    public int LeastResolution
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(LeastResolution));
    } = 1;
}
