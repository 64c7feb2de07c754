namespace S3L.Core.Backbones;

/// <summary>
/// A network that can keep the maps of its later stages with the batch innermost in memory, where rows of a few pixels would leave vectors
/// empty. Results and state dict stay the same; the trainer measures what is faster and chooses.
/// </summary>
public interface IBatchInnermost
{
    /// <summary>First stage after the stem, from 0, with that layout; null (default) keeps the usual one.</summary>
    int? BatchInnermostFrom { get; set; }
}
