namespace S3L.Core.Training;

/// <summary>
/// Whether the passes of a stage (views, loss, gradients) are recorded once and replayed as a whole. What the weights become is the same, up to
/// the rounding of views.
/// </summary>
public enum StepReplay
{
    /// <summary>
    /// On a GPU, as a CUDA graph, where the method allows it; a stage whose passes turn out not to be recordable is done without, and the log says
    /// why. On a CPU never: there is nothing to gain.
    /// </summary>
    Auto,

    /// <summary>Each pass is done anew.</summary>
    Never,

    /// <summary>Anywhere, or the run ends with the reason. On a CPU it is slower, and shows whether a method of one's own can be replayed.</summary>
    Always,
}
