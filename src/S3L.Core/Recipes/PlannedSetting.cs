namespace S3L.Core.Recipes;

/// <summary>A setting of a recipe, and why it is so.</summary>
/// <param name="Name">What is set.</param>
/// <param name="Value">To what.</param>
/// <param name="Reason">Why.</param>
public sealed record PlannedSetting(string Name, string Value, string Reason)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{Name}: {Value} ({Reason})";
}
