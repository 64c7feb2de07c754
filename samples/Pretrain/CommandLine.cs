using System.CommandLine;
using S3L.Core.Backbones;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace Pretrain;

/// <summary>The options, their help and their checks.</summary>
internal static class CommandLine
{
    internal static readonly string[] Methods = ["mocov2", "simsiam"];

    private static readonly Option<string> Data = new("--data")
    {
        Description = "Pictures: a folder, .tar, .tar.gz or .zip (with one folder per class, or flat), CIFAR-10 binaries, or 'synthetic'.",
        Required = true,
    };

    private static readonly Option<string?> Train = new("--train") { Description = "Part of the data to pretrain on, such as 'train'; without it, all of it." };
    private static readonly Option<string?> Test = new("--test") { Description = "Part of the data to measure kNN accuracy on, such as 'validation'." };
    private static readonly Option<string> Method = new("--method") { Description = $"How to learn: {string.Join(", ", Methods)}.", DefaultValueFactory = _ => "mocov2" };
    private static readonly Option<string> Backbone = new("--backbone") { Description = "Network: resnet18, resnet34, resnet50.", DefaultValueFactory = _ => "resnet18" };
    private static readonly Option<string> Stem = new("--stem") { Description = "First layers: 'imagenet' (7×7, stride 4 in all) or 'small' (3×3, for pictures of about 32 px).", DefaultValueFactory = _ => "imagenet" };
    private static readonly Option<int> Stages = new("--stages") { Description = "Leading stages of the network to train, 1 to 4; 3 is S3L's small architecture.", DefaultValueFactory = _ => 4 };
    private static readonly Option<string> Resolutions = new("--resolutions") { Description = "Stages as RESOLUTIONxEPOCHS, such as 56x10,112x5.", DefaultValueFactory = _ => "32x10" };
    private static readonly Option<int> Batch = new("--batch") { Description = "Images per step.", DefaultValueFactory = _ => 128 };
    private static readonly Option<double?> Rate = new("--lr") { Description = "Learning rate at the start of each stage; without it, the method's." };
    private static readonly Option<double?> Warmup = new("--warmup-epochs") { Description = "Epochs at the start of each stage in which the learning rate rises; without it, the method's." };
    private static readonly Option<string> Precision = new("--precision") { Description = "auto (measured), float32 or bfloat16.", DefaultValueFactory = _ => "auto" };
    private static readonly Option<int?> Threads = new("--threads") { Description = "Threads; without it, all cores." };
    private static readonly Option<int> Seed = new("--seed") { Description = "Seed of weights, data order and augmentation." };
    private static readonly Option<int?> Limit = new("--limit") { Description = "Use so many pictures of the training part, drawn at random." };
    private static readonly Option<long?> Steps = new("--steps") { Description = "Stop after so many steps." };
    private static readonly Option<int?> Neighbors = new("--knn-k") { Description = "Neighbours that vote in kNN; without it, 20, or 200 from 10,000 pictures on." };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder for the trained weights, backbone.safetensors." };
    private static readonly Option<string?> Json = new("--json") { Description = "File for the figures of the run." };

    private static readonly Option[] All =
    [
        Data, Train, Test, Method, Backbone, Stem, Stages, Resolutions, Batch, Rate, Warmup, Precision, Threads, Seed, Limit, Steps, Neighbors, Out, Json,
    ];

    internal static RootCommand Create(Func<PretrainOptions, CancellationToken, int> run)
    {
        var command = new RootCommand("Pretrains an image backbone on unlabelled pictures and says what it is worth by kNN accuracy.");
        foreach (Option option in All) command.Options.Add(option);
        command.SetAction((result, cancellation) => Task.FromResult(run(Read(result), cancellation)));
        return command;
    }

    private static PretrainOptions Read(ParseResult result) => new()
    {
        Data = result.GetRequiredValue(Data),
        Train = result.GetValue(Train),
        Test = result.GetValue(Test),
        Method = OneOf(Method, result, Methods),
        Backbone = OneOf(Backbone, result, ["resnet18", "resnet34", "resnet50"]),
        Stem = OneOf(Stem, result, ["imagenet", "small"]) == "small" ? ResNetStem.SmallImage : ResNetStem.ImageNet,
        Stages = result.GetValue(Stages),
        Resolutions = ResolutionSchedule.Parse(result.GetRequiredValue(Resolutions)),
        Batch = result.GetValue(Batch),
        LearningRate = result.GetValue(Rate),
        WarmupEpochs = result.GetValue(Warmup),
        Precision = Enum.Parse<Precision>(OneOf(Precision, result, ["auto", "float32", "bfloat16"]), ignoreCase: true),
        Threads = result.GetValue(Threads),
        Seed = result.GetValue(Seed),
        Limit = result.GetValue(Limit),
        Steps = result.GetValue(Steps),
        KnnNeighbors = result.GetValue(Neighbors),
        Out = result.GetValue(Out),
        Json = result.GetValue(Json),
    };

    private static string OneOf(Option<string> option, ParseResult result, string[] choices)
    {
        string value = result.GetRequiredValue(option);
        return choices.Contains(value)
            ? value
            : throw new ArgumentException($"{option.Name} must be one of {string.Join(", ", choices)}, but is '{value}'.");
    }
}
