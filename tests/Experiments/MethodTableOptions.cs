namespace Experiments;

/// <summary>What all rows of the table of methods share.</summary>
internal sealed record MethodTableOptions(string Data, string Train, string Test, int Seeds, string Resolutions, int Stages);
