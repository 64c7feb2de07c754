using S3L.Core.Backbones;
using S3L.Core.Schedules;

namespace S3L.Core.Methods;

/// <summary>A way to train a backbone without labels: what it computes from a batch, and what it remembers between batches.</summary>
/// <remarks>A method knows no learning rate, file or resolution, and keeps no counter: positions come as arguments.</remarks>
public interface IContrastiveMethod : IDisposable
{
    /// <summary>What the method is called in reports and files, such as <c>mocov2</c>.</summary>
    string Name { get; }

    /// <summary>
    /// The settings as text, in which two equal methods are equal: a checkpoint of other settings is refused. Default: empty.
    /// </summary>
    string Settings => "";

    /// <summary>V: how many augmented copies of each image a batch has.</summary>
    int ViewCount { get; }

    /// <summary>The network that is trained.</summary>
    IBackbone Backbone { get; }

    /// <summary>The whole state: backbone, heads, momentum copy, queue, bank. What requires gradients is trained.</summary>
    torch.nn.Module State { get; }

    /// <summary>Trained parameters whose learning rate stays at its start, such as SimSiam's predictor. Default: none.</summary>
    IEnumerable<Parameter> ConstantRateParameters => [];

    /// <summary>
    /// Whether <see cref="Forward"/> and <see cref="AfterStep"/> leave to the device all that changes from step to step, so that they can be
    /// recorded once and replayed without being called: what they depend on lies in tensors that keep their place, those that follow the
    /// position are written by <see cref="BeforeStep"/>, and they read no number of tensors and write none from the host. Default: false.
    /// </summary>
    bool CanBeReplayed => false;

    /// <summary>Called once before the first step of a run.</summary>
    /// <param name="run">What is known of the run.</param>
    void Begin(TrainingRun run);

    /// <summary>
    /// Called before the first step of a stage that asks for it: what is remembered of pictures (queue, bank) is made anew, of the same
    /// size. Default: nothing, for methods that remember nothing.
    /// </summary>
    /// <param name="run">The run, with the batch size of the stage and its views of every image.</param>
    void RestartMemory(TrainingRun run)
    {
    }

    /// <summary>
    /// Called before each step, replayed or not, without recording of gradients: numbers that follow the position are put into tensors here where
    /// a method can be replayed. Default: nothing.
    /// </summary>
    /// <param name="position">The step that will be made.</param>
    void BeforeStep(TrainingPosition position)
    {
    }

    /// <summary>The loss of a batch. Does not wait for the device.</summary>
    /// <param name="views">V tensors [N, 3, H, W], normalised; row i of each shows image i of the batch.</param>
    /// <param name="indices">[N] in int64: the numbers of the images in the data set.</param>
    /// <returns>The loss, with gradient, and what else is worth recording.</returns>
    MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices);

    /// <summary>Called after each optimizer step, without recording of gradients.</summary>
    /// <param name="position">The step that was made.</param>
    void AfterStep(TrainingPosition position);
}
