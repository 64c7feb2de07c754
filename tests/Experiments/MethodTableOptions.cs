namespace Experiments;

/// <summary>What all rows of the table of methods share.</summary>
internal sealed record MethodTableOptions(string Data, string Train, string Test, int Seeds, string Resolutions, int Stages)
{
    /// <summary>A few epochs at the first resolution, for the speed.</summary>
    public string SpeedResolutions => Resolutions[..Resolutions.IndexOf('x', StringComparison.Ordinal)] + "x4";
}
