namespace Experiments;

/// <summary>What all rows of the table of scaled-down recipes share.</summary>
internal sealed record ScalingTableOptions(string Data, string Train, string Test, int Seeds, int Epochs, string Fraction);
