namespace S3L.Core.Backbones;

/// <summary>
/// A network that can keep the maps of its later stages with the batch as innermost dimension. Results and state dict stay the same.
/// </summary>
internal interface IBatchInnermost
{
    /// <summary>First stage, from 0, with that layout; null keeps the usual one.</summary>
    int? BatchInnermostFrom { get; set; }
}
