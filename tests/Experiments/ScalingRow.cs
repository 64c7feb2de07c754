namespace Experiments;

/// <summary>One recipe of the table.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Resolutions">Stages of pretraining.</param>
/// <param name="Stages">Leading stages of the network that are pretrained.</param>
internal sealed record ScalingRow(string Name, string Resolutions, int Stages);
