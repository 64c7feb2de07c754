using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Methods;
using S3L.Core.Training;

namespace S3L.Core.Recipes;

/// <summary>
/// Scaled-down self-supervised learning as one call: pretrain a network without its last stage at a small resolution, grow the stage back, warm
/// it up and fine-tune everything with labels; and the answer to whether that was worth it, beside training from scratch.
/// </summary>
/// <remarks>
/// Source: arXiv 2103.13559. Departures: the default method is single-branch instance discrimination (arXiv 2404.19289), which learns most in a
/// given time on small sets; epochs of fine-tuning follow from the number of labels.
/// </remarks>
public sealed class Recipe
{
    private readonly Func<IBackbone> _createBackbone;
    private readonly Func<IBackbone, IContrastiveMethod>? _createMethod;
    private readonly ILogger<Recipe> _logger;

    /// <summary>A recipe with its settings.</summary>
    /// <param name="options">Settings; what they leave open follows from the pictures and the machine.</param>
    /// <param name="createBackbone">Makes the whole network with random weights; null makes a ResNet-18.</param>
    /// <param name="createMethod">Makes the method that pretrains a backbone, which it then owns; null makes instance discrimination.</param>
    /// <param name="logger">Told the plan, with reasons, and what is done.</param>
    /// <exception cref="ArgumentException">A method is given without settings of pretraining.</exception>
    public Recipe(RecipeOptions? options = null, Func<IBackbone>? createBackbone = null, Func<IBackbone, IContrastiveMethod>? createMethod = null,
        ILogger<Recipe>? logger = null)
    {
        Options = options ?? new RecipeOptions();
        if (createMethod is not null && Options.Pretraining is null)
        {
            throw new ArgumentException("options.Pretraining must be given with createMethod: each method learns with settings of its own.",
                nameof(options));
        }

        _createBackbone = createBackbone ?? (() => new ResNet(ResNetOptions.ResNet18));
        _createMethod = createMethod;
        _logger = logger ?? NullLogger<Recipe>.Instance;
    }

    /// <summary>The settings.</summary>
    public RecipeOptions Options { get; }

    /// <summary>The settings that a run on these pictures will have.</summary>
    /// <param name="images">Pictures to pretrain on; at most 64 are looked at.</param>
    /// <exception cref="ArgumentException">Options and pictures do not fit together.</exception>
    public RecipePlan Plan(IImageDataset images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using IBackbone backbone = _createBackbone();
        return RecipePlan.For(new RecipeFacts
        {
            Images = images.Count,
            TypicalSide = TypicalSide(images),
            HasGpu = (Options.Pretraining ?? new TrainerOptions()).ChooseDevice().type == DeviceType.CUDA,
            NetworkStages = backbone.FullStageCount,
            LeastResolution = backbone.MinimumResolution,
        }, Options);
    }

    /// <summary>Runs everything, or what an earlier run in the same folder has left.</summary>
    /// <param name="train">Labelled pictures to learn from.</param>
    /// <param name="test">Labelled pictures of the same classes to measure with.</param>
    /// <param name="unlabelled">Pictures to pretrain on; null takes <paramref name="train"/> without its labels.</param>
    /// <param name="progress">Told how the run is doing.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">Labels are missing, classes differ, or the folder holds another recipe.</exception>
    public RecipeReport Run(IImageDataset train, IImageDataset test, IImageDataset? unlabelled = null,
        IProgress<RecipeProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        LabelledRows.CheckClasses(train.ClassNames, test.ClassNames);
        RecipePlan plan = Plan(unlabelled ?? train);
        foreach (PlannedSetting setting in plan.Settings) _logger.LogInformation("{Setting}", setting);
        using var run = new RecipeRun(plan, Options, _createBackbone, _createMethod, _logger, progress, cancellation);
        return run.Execute(train, test, unlabelled);
    }

    private static int TypicalSide(IImageDataset images)
    {
        int[] sides = [.. SampledSizes.Of(images, minimumSide: 1).Select(s => Math.Min(s.Width, s.Height)).Order()];
        return sides.Length == 0
            ? throw new ArgumentException("images must hold readable pictures, but the first that were tried are not.", nameof(images))
            : sides[sides.Length / 2];
    }
}
