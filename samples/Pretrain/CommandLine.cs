using System.CommandLine;
using S3L.Core.Backbones;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace Pretrain;

/// <summary>The options, their help and their checks.</summary>
internal static class CommandLine
{
    internal static readonly string[] Methods = ["mocov1", "mocov2", "simclr", "simsiam", "byol", "instdisc"];

    private static readonly Option<string> Data = Required<string>("--data",
        "Pictures: a folder, .tar, .tar.gz or .zip (with one folder per class, or flat), CIFAR-10 binaries, or 'synthetic'.");

    private static readonly Option<string?> Train = Optional<string?>("--train",
        "Part of the data to pretrain on, such as 'train'; without it, all of it.");

    private static readonly Option<string?> Test = Optional<string?>("--test",
        "Part of the data to measure kNN accuracy on, such as 'validation'.");

    private static readonly Option<string> Method = WithDefault("--method", $"How to learn: {string.Join(", ", Methods)}.", "mocov2");
    private static readonly Option<bool> Published = WithDefault("--published",
        "The method's settings as published for CIFAR-10 (byol: for CUB-200), in the place of those for some thousand pictures.", false);
    private static readonly Option<string> Backbone = WithDefault("--backbone", $"Network: {string.Join(", ", Networks.Names)}.", "resnet18");

    private static readonly Option<string> Stem = WithDefault("--stem",
        "First layers: 'imagenet' (stride 4 in a ResNet, else 2) or 'small' (stride 1, for pictures of about 32 px).", "imagenet");

    private static readonly Option<int?> Stages = Optional<int?>("--stages",
        "Leading stages of the network to train; one less than all, 3 of a ResNet's 4, is S3L's small architecture. Without it, all.");

    private static readonly Option<string> Resolutions = WithDefault("--resolutions",
        "Stages as RESOLUTIONxEPOCHS[:batch=N][:rate=X][:keep-curve]…, such as 56x10,112x5. Where the last is 32 px or less, views and colours " +
        "are CIFAR-10's.", "32x10");
    private static readonly Option<int?> Batch = Optional<int?>("--batch", "Images per step; without it, the method's.");

    private static readonly Option<double?> Rate = Optional<double?>("--lr",
        "Learning rate at the start of each stage; without it, the method's.");

    private static readonly Option<double?> Warmup = Optional<double?>("--warmup-epochs",
        "Epochs at the start of each stage in which the learning rate rises; without it, the method's.");

    private static readonly Option<string> Precision = WithDefault("--precision", "auto (measured), float32 or bfloat16.", "auto");
    private static readonly Option<string> Replay = WithDefault("--replay",
        "Passes recorded once per stage and replayed: auto (on a GPU), never or always.", "auto");

    private static readonly Option<int?> Threads = Optional<int?>("--threads", "Threads; without it, all cores.");
    private static readonly Option<int> Seed = WithDefault("--seed", "Seed of weights, data order and augmentation.", 0);
    private static readonly Option<int?> Limit = Optional<int?>("--limit", "Use so many pictures of the training part, drawn at random.");
    private static readonly Option<long?> Steps = Optional<long?>("--steps", "Stop after so many steps.");

    private static readonly Option<int?> Neighbors = Optional<int?>("--knn-k",
        "Neighbours that vote in kNN; without it, 20, or 200 from 10,000 pictures on.");

    private static readonly Option<string?> Cache = Optional<string?>("--cache",
        "Folder that keeps the decoded pictures, so that the next run decodes none; without it, they are in memory only.");

    private static readonly Option<bool> NoKnn = WithDefault("--no-knn", "Measure no kNN accuracy, for benchmarks.", false);

    private static readonly Option<int?> ProbeEvery = Optional<int?>("--probe-every",
        "Measure kNN accuracy every so many epochs, and keep the best checkpoint apart.");

    private static readonly Option<string?> Out = Optional<string?>("--out", "Folder for the trained weights, backbone.safetensors.");
    private static readonly Option<long?> CheckpointEvery = Optional<long?>("--checkpoint-every",
        "Save the whole run every so many steps, into the folder 'checkpoints' within --out.");

    private static readonly Option<bool> Resume = WithDefault("--resume", "Go on from the newest checkpoint in --out, if there is one.", false);
    private static readonly Option<string?> Json = Optional<string?>("--json", "File for the figures of the run.");

    private static readonly Option[] All =
    [
        Data, Train, Test, Method, Published, Backbone, Stem, Stages, Resolutions, Batch, Rate, Warmup, Precision, Replay, Threads, Seed, Limit,
        Steps, Cache, Neighbors, NoKnn, ProbeEvery, Out, CheckpointEvery, Resume, Json,
    ];

    internal static RootCommand Create()
    {
        var command = new RootCommand("Pretrains an image backbone on unlabelled pictures and says what it is worth by kNN accuracy.");
        foreach (Option option in All) command.Options.Add(option);
        return command;
    }

    internal static PretrainOptions Read(ParseResult result) => new()
    {
        Data = result.GetRequiredValue(Data),
        Train = result.GetValue(Train),
        Test = result.GetValue(Test),
        Method = OneOf(Method, result, Methods),
        Published = result.GetValue(Published),
        Backbone = OneOf(Backbone, result, Networks.Names),
        Stem = OneOf(Stem, result, ["imagenet", "small"]) == "small" ? ResNetStem.SmallImage : ResNetStem.ImageNet,
        Stages = result.GetValue(Stages),
        Resolutions = ResolutionSchedule.Parse(result.GetRequiredValue(Resolutions)),
        Batch = result.GetValue(Batch),
        LearningRate = result.GetValue(Rate),
        WarmupEpochs = result.GetValue(Warmup),
        Precision = Enum.Parse<Precision>(OneOf(Precision, result, ["auto", "float32", "bfloat16"]), ignoreCase: true),
        Replay = Enum.Parse<StepReplay>(OneOf(Replay, result, ["auto", "never", "always"]), ignoreCase: true),
        Threads = result.GetValue(Threads),
        Seed = result.GetValue(Seed),
        Limit = result.GetValue(Limit),
        Steps = result.GetValue(Steps),
        Cache = result.GetValue(Cache),
        KnnNeighbors = result.GetValue(Neighbors),
        NoKnn = result.GetValue(NoKnn),
        ProbeEvery = result.GetValue(ProbeEvery),
        Out = result.GetValue(Out),
        CheckpointEvery = result.GetValue(CheckpointEvery),
        Resume = result.GetValue(Resume),
        Json = result.GetValue(Json),
    };

    private static string OneOf(Option<string> option, ParseResult result, string[] choices)
    {
        string value = result.GetRequiredValue(option);
        return choices.Contains(value)
            ? value
            : throw new ArgumentException($"{option.Name} must be one of {string.Join(", ", choices)}, but is '{value}'.");
    }

    private static Option<T> Required<T>(string name, string description) => new(name) { Description = description, Required = true };

    private static Option<T> Optional<T>(string name, string description) => new(name) { Description = description };

    private static Option<T> WithDefault<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
