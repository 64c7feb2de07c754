using System.CommandLine;
using Microsoft.Extensions.Logging;
using RecipeSample;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Methods;
using S3L.Core.Recipes;
using S3L.Core.Schedules;
using S3L.Core.Training;
using Samples;

// Is pretraining worth it here? Trains from scratch and from pretrained weights with the same labels, and says what was gained.
var data = new Option<string>("--data") { Description = "Labelled pictures: a folder, .tar or .zip, or 'synthetic'.", Required = true };
var train = new Option<string?>("--train") { Description = "Part of the data to learn from, such as 'train'." };
var test = new Option<string?>("--test") { Description = "Part of the data to test with; without it, a fifth of the training part." };
var unlabelled = new Option<string?>("--unlabelled") { Description = "Pictures to pretrain on; without it, those of --train." };
var resolutions = new Option<string?>("--resolutions") { Description = "Stages of pretraining as RESOLUTIONxEPOCHS; without it, chosen." };
var method = new Option<string>("--method") { Description = "How to pretrain: instdisc, mocov2 or simclr.", DefaultValueFactory = _ => "instdisc" };
var stem = new Option<string>("--stem")
{
    Description = "First layers: imagenet, or small for pictures of about 32 px.",
    DefaultValueFactory = _ => "imagenet",
};
var stages = new Option<int?>("--stages") { Description = "Leading stages of the network that are pretrained; without it, all but the last." };
var tuneAt = new Option<int?>("--tune-resolution") { Description = "Pixels at which pictures are classified; without it, the last of pretraining." };
var fractions = new Option<string>("--fractions") { Description = "Shares of the labels.", DefaultValueFactory = _ => "0.01,0.1,1" };
var epochs = new Option<int?>("--tune-epochs") { Description = "Epochs of fine-tuning; without it, they follow from the labels." };
var seeds = new Option<int>("--seeds") { Description = "Repetitions with other labels.", DefaultValueFactory = _ => 3 };
var alone = new Option<bool>("--no-scratch") { Description = "Leave out the comparison with random weights." };
var seed = new Option<int>("--seed") { Description = "Seed of everything that is drawn.", DefaultValueFactory = _ => 0 };
var limit = new Option<int?>("--limit") { Description = "Use so many training pictures, drawn at random." };
var folder = new Option<string?>("--out") { Description = "Folder that keeps the run, so that it can go on, and its weights and report." };

var command = new RootCommand("Pretrains on pictures without their labels, fine-tunes with few of them, and says what that was worth.");
Option[] all = [data, train, test, unlabelled, resolutions, method, stem, stages, tuneAt, fractions, epochs, seeds, alone, seed, limit, folder];
foreach (Option option in all) command.Options.Add(option);
return await SampleCommand.RunAsync(command, args, (parsed, cancellation) =>
{
    (TrainerOptions? settings, Func<IBackbone, IContrastiveMethod>? create) = parsed.GetRequiredValue(method) switch
    {
        "instdisc" => ((TrainerOptions?)null, (Func<IBackbone, IContrastiveMethod>?)null),
        "mocov2" => (TrainerOptions.MoCo, backbone => new MoCo(backbone, MoCoOptions.SmallData)),
        "simclr" => (TrainerOptions.SimClr, backbone => new SimClr(backbone, SimClrOptions.SmallData)),
        string other => throw new ArgumentException($"--method must be instdisc, mocov2 or simclr, but is '{other}'."),
    };
    ResNetOptions network = parsed.GetRequiredValue(stem) switch
    {
        "imagenet" => ResNetOptions.ResNet18,
        "small" => ResNetOptions.ResNet18 with { Stem = ResNetStem.SmallImage },
        string other => throw new ArgumentException($"--stem must be imagenet or small, but is '{other}'."),
    };
    var options = new RecipeOptions
    {
        Schedule = parsed.GetValue(resolutions) is { } schedule ? ResolutionSchedule.Parse(schedule) : null,
        PretrainedStages = parsed.GetValue(stages),
        Resolution = parsed.GetValue(tuneAt),
        Pretraining = settings is null ? null : settings with { Seed = parsed.GetValue(seed) },
        Seed = parsed.GetValue(seed),
        ComparesWithScratch = !parsed.GetValue(alone),
        LabelFractions = Fractions.Parse(parsed.GetRequiredValue(fractions)),
        FineTuning = parsed.GetValue(epochs) is { } count ? new FineTunerOptions { Epochs = count } : null,
        Seeds = parsed.GetValue(seeds),
        Folder = parsed.GetValue(folder),
    };
    (IImageDataset learn, IImageDataset measure) =
        Pictures.Open(parsed.GetRequiredValue(data), parsed.GetValue(train), parsed.GetValue(test), parsed.GetValue(limit));
    IImageDataset? apart = parsed.GetValue(unlabelled) is { } path ? ImageDataset.Open(path) : null;
    using ILoggerFactory loggers = new ConsoleLoggers();
    var recipe = new Recipe(options, () => new ResNet(network), create, loggers.CreateLogger<Recipe>());
    RecipeReport report = recipe.Run(learn, measure, apart, new ConsoleProgress(), cancellation);
    string table = report.ToMarkdown();
    Console.WriteLine();
    Console.WriteLine(table);
    if (options.Folder is { } kept) ReportFiles.Write(kept, report, table);
    return 0;
}, "Stopped. With --out, the same command goes on from here.");
