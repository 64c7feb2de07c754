using S3L.Core.Evaluation;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace S3L.Core.Recipes;

/// <summary>Settings of <see cref="Recipe"/>. What is null follows from the pictures and the machine.</summary>
public sealed record RecipeOptions
{
    /// <summary>Resolutions and epochs of pretraining; null chooses them.</summary>
    public ResolutionSchedule? Schedule { get; init; }

    /// <summary>Leading stages of the network that are pretrained, without the stem, at least 1; null leaves out the last of several.</summary>
    public int? PretrainedStages
    {
        get;
        init => field = value is { } stages ? Guard.AtLeast(stages, 1, nameof(PretrainedStages)) : null;
    }

    /// <summary>Height and width at which pictures are classified, in pixels, at least 1; null takes the last resolution of pretraining.</summary>
    public int? Resolution
    {
        get;
        init => field = value is { } resolution ? Guard.AtLeast(resolution, 1, nameof(Resolution)) : null;
    }

    /// <summary>Settings of pretraining; null takes those that suit the default method. A method of one's own needs its own.</summary>
    public TrainerOptions? Pretraining { get; init; }

    /// <summary>
    /// Settings of training with labels; null takes the paper's, with epochs that follow from the number of labels. Of a warm-up its learning rate
    /// and statistics are taken: its length and the stages it freezes are <see cref="WarmUpEpochs"/> and <see cref="PretrainedStages"/>.
    /// </summary>
    public FineTunerOptions? FineTuning { get; init; }

    /// <summary>Epochs in which a grown stage is warmed up with everything before it frozen, at least 1; default 10, the paper's.</summary>
    public int WarmUpEpochs
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(WarmUpEpochs));
    } = 10;

    /// <summary>Shares of the labels to learn from, each in (0, 1]; default 1 %, 10 % and all.</summary>
    public IReadOnlyList<double> LabelFractions
    {
        get;
        init => field = Guard.NotEmpty(value.Cast<object>().ToArray(), nameof(LabelFractions)).Count > 0 && value.All(f => f > 0 && f <= 1)
            ? [.. value]
            : throw new ArgumentException($"LabelFractions must be in (0, 1], but are [{string.Join(", ", value)}].", nameof(LabelFractions));
    } = [0.01, 0.1, 1];

    /// <summary>
    /// Times that each share is drawn, learned from and tested, with and without pretraining; at least 1, default 3. Pretraining itself runs once:
    /// the spread that is reported is that of labels, order and augmentation.
    /// </summary>
    public int Seeds
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Seeds));
    } = 3;

    /// <summary>Whether random weights are trained with the same labels too, to see what pretraining was worth; default true.</summary>
    public bool ComparesWithScratch { get; init; } = true;

    /// <summary>Seed of everything that is drawn; the seeds of the repetitions follow it.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// Folder in which the run is kept, so that it goes on where it was ended, and where <c>backbone.safetensors</c> is left; null keeps nothing.
    /// </summary>
    public string? Folder { get; init; }
}
