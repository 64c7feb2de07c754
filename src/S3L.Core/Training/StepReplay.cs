namespace S3L.Core.Training;

/// <summary>
/// Whether the steps of a stage are recorded once and replayed as a whole: passes (views, loss, gradients) and updates. What the weights become is
/// the same, up to the rounding of views.
/// </summary>
public enum StepReplay
{
    /// <summary>
    /// On a GPU, as CUDA graphs, where the method allows it; a stage whose passes turn out not to be recordable is done without, and the log says
    /// why. On a CPU never: there is nothing to gain.
    /// </summary>
    Auto,

    /// <summary>Each step is done anew.</summary>
    Never,

    /// <summary>Anywhere, or the run ends with the reason. On a CPU it is slower, and shows whether a method of one's own can be replayed.</summary>
    Always,
}
