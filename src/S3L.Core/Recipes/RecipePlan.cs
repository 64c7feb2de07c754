using System.Globalization;
using S3L.Core.Backbones;
using S3L.Core.Evaluation;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace S3L.Core.Recipes;

/// <summary>The settings of a recipe for certain pictures on a certain machine. A pure function of facts and options.</summary>
public sealed class RecipePlan
{
    // Fewer steps leave a small set's features near the random ones; a GPU affords more.
    private const int StepsOnCpu = 5_000;
    private const int StepsOnGpu = 40_000;

    // Beyond it, every row of the bank at each step costs more than it teaches.
    private const int MostBankCandidates = 10_000;

    private readonly List<PlannedSetting> _settings = [];
    private readonly RecipeOptions _options;

    private RecipePlan(RecipeFacts facts, RecipeOptions options)
    {
        (Facts, _options) = (facts, options);
        PretrainedStages = Stages();
        Pretraining = Trainer();
        Schedule = Resolutions();
        Resolution = options.Resolution ?? Schedule[^1].Resolution;
        // Pretraining may leave stages out that need more pixels: better refused now than after it.
        if (Resolution < facts.LeastResolution)
        {
            string what = options.Resolution is null ? "is left to the schedule, whose last one is" : "is";
            throw new ArgumentException($"Options.Resolution must be at least {facts.LeastResolution} px, the least that the whole network takes, " +
                $"but {what} {Resolution} px.");
        }

        Method = InstanceDiscriminationOptions.SmallData with
        {
            OtherCandidates = facts.Images > 2 * MostBankCandidates ? MostBankCandidates : 0,
        };
        Note("precision", Pretraining.Precision.ToString(),
            Pretraining.Precision == Precision.Auto ? "what is fastest on this machine, measured at each stage" : "as asked for");
        Note("fine-tuning", FormattableString.Invariant($"at {Resolution} px"),
            options.Resolution is null ? "the last resolution of pretraining" : "as asked for");
    }

    /// <summary>What the plan follows from.</summary>
    public RecipeFacts Facts { get; }

    /// <summary>Each setting with its reason, to print.</summary>
    public IReadOnlyList<PlannedSetting> Settings => _settings;

    /// <summary>Resolutions and epochs of pretraining.</summary>
    public ResolutionSchedule Schedule { get; }

    /// <summary>Stages of the network that are pretrained, without the stem.</summary>
    public int PretrainedStages { get; }

    /// <summary>Settings of pretraining.</summary>
    public TrainerOptions Pretraining { get; }

    /// <summary>Settings of the default method.</summary>
    public InstanceDiscriminationOptions Method { get; }

    /// <summary>Height and width at which pictures are classified, in pixels.</summary>
    public int Resolution { get; }

    /// <summary>The plan for certain facts.</summary>
    /// <param name="facts">Of the pictures and the machine.</param>
    /// <param name="options">What the user has decided.</param>
    /// <exception cref="ArgumentException">They do not fit together.</exception>
    public static RecipePlan For(RecipeFacts facts, RecipeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return new RecipePlan(facts, options ?? new RecipeOptions());
    }

    /// <summary>Settings of training with so many labels.</summary>
    /// <param name="labels">Labelled pictures; at least 2.</param>
    public FineTunerOptions FineTuningFor(int labels)
    {
        Guard.AtLeast(labels, 2, nameof(labels));
        if (_options.FineTuning is { } own) return own;
        var paper = new FineTunerOptions();
        int steps = Math.Max(labels / Math.Min(paper.BatchSize, labels), 1);
        return paper with { Epochs = Math.Clamp((int)Math.Round(1500.0 / steps), 20, 300) };
    }

    private int Stages()
    {
        int all = Facts.NetworkStages;
        int stages = _options.PretrainedStages ?? Math.Max(all - 1, 1);
        if (stages > all)
        {
            throw new ArgumentException($"Options.PretrainedStages must be at most {all}, the stages of the network, but is {stages}.");
        }

        string reason = _options.PretrainedStages is not null ? "as asked for"
            : stages < all ? "the last stage has most of the weights, and grows back when labels are there"
            : "the network has no stage to leave out";
        Note("stages pretrained", FormattableString.Invariant($"{stages} of {all}"), reason);
        return stages;
    }

    private TrainerOptions Trainer()
    {
        if (_options.Pretraining is { } own)
        {
            Note("batch", own.BatchSize.ToString(CultureInfo.InvariantCulture), "as asked for");
            return own;
        }

        TrainerOptions suited = TrainerOptions.InstanceDiscrimination;
        int batch = Math.Min(suited.BatchSize, Math.Max(Facts.Images / 8, 2));
        Note("batch", batch.ToString(CultureInfo.InvariantCulture), batch < suited.BatchSize
            ? "an eighth of the pictures, so that an epoch has some steps"
            : "many small steps teach a small set more than few large ones");
        return suited with { BatchSize = batch, Seed = _options.Seed };
    }

    private ResolutionSchedule Resolutions()
    {
        if (_options.Schedule is { } own)
        {
            Note("schedule", own.ToString(), "as asked for");
            return own;
        }

        int wanted = Facts.HasGpu ? 112 : 56;
        int resolution = Math.Max(Math.Min(wanted, Facts.TypicalSide / 8 * 8), Facts.LeastResolution);
        string where = Facts.HasGpu ? "half of the usual 224 px costs a quarter" : "a quarter of the usual 224 px costs a sixteenth";
        Note("resolution", FormattableString.Invariant($"{resolution} px"),
            resolution < wanted ? FormattableString.Invariant($"half of the pictures are not larger than {Facts.TypicalSide} px") :
            resolution > wanted ? "the least that the network takes" : where);

        int batch = Math.Min(Pretraining.BatchSize, Facts.Images);
        int target = Facts.HasGpu ? StepsOnGpu : StepsOnCpu;
        int epochs = Math.Clamp((int)Math.Round(target / Math.Max(Math.Floor((double)Facts.Images / batch), 1)), 10, 800);
        Note("epochs", epochs.ToString(CultureInfo.InvariantCulture),
            FormattableString.Invariant($"about {target:n0} steps of {batch} pictures, within 10 to 800 epochs"));
        return ResolutionSchedule.Constant(resolution, epochs);
    }

    private void Note(string name, string value, string reason) => _settings.Add(new PlannedSetting(name, value, reason));
}
