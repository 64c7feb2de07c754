using System.CommandLine;
using FewLabels;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using Samples;
using SavedWeights;

// What a few labels are worth with a pretrained backbone: neighbours, a linear classifier, fine-tuning.
var data = new Option<string>("--data") { Description = "Labelled pictures: one folder per class, or 'synthetic'.", Required = true };
var weights = new Option<string>("--weights") { Description = "backbone.safetensors of a pretrained ResNet-18.", Required = true };
var labels = new Option<double>("--labels") { Description = "Share of the labels to learn from.", DefaultValueFactory = _ => 0.1 };
var resolution = new Option<int>("--resolution") { Description = "Height and width that the network sees.", DefaultValueFactory = _ => 112 };
var decays = new Option<double[]>("--decays")
{
    Description = "Weight decays that the linear classifier chooses from.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => [0, 1e-5, 1e-4, 1e-3],
};
var tune = new Option<bool>("--tune") { Description = "Also train the whole network, which takes longer." };
var epochs = new Option<int>("--epochs") { Description = "Epochs of --tune.", DefaultValueFactory = _ => 60 };
var seed = new Option<int>("--seed") { Description = "Draws the test pictures and the labels.", DefaultValueFactory = _ => 0 };

var command = new RootCommand("Classifies pictures with few labels and a pretrained network.");
foreach (Option option in (Option[])[data, weights, labels, resolution, decays, tune, epochs, seed]) command.Options.Add(option);
return await SampleCommand.RunAsync(command, args, (parsed, cancellation) =>
{
    torch.set_num_threads(Environment.ProcessorCount);
    torch.manual_seed(parsed.GetValue(seed));
    int size = parsed.GetValue(resolution);
    using ResNet network = SavedNetwork.Load(parsed.GetRequiredValue(weights), out ColorStatistics statistics);
    (IImageDataset fewPictures, IImageDataset testPictures) =
        LabelledPictures.Split(parsed.GetRequiredValue(data), parsed.GetValue(labels), parsed.GetValue(seed));
    using LabelledPictures few = LabelledPictures.Read(fewPictures, network, size, statistics, cancellation);
    using LabelledPictures test = LabelledPictures.Read(testPictures, network, size, statistics, cancellation);
    int classes = few.Images.ClassNames.Count;
    Console.WriteLine($"{few.Images.Count} labels of {classes} classes, {test.Images.Count} test pictures");

    // k of at most the labels of a class: neighbours beyond them can only vote for others.
    var options = new KnnOptions { Neighbors = Math.Clamp(few.Images.Count / classes, 1, 20) };
    using var knn = new KnnClassifier(few.Features, few.Images.Labels, classes, options);
    Say($"kNN (k = {options.Neighbors})", knn.Accuracy(test.Features, test.Images.Labels, cancellation));

    var probing = new LinearProbeOptions { WeightDecays = parsed.GetRequiredValue(decays), Epochs = 100 };
    using LinearProbe probe = LinearProbe.Train(few.Features, few.Images.Labels, classes, probing, cancellation);
    Say(FormattableString.Invariant($"linear (weight decay {probe.WeightDecay})"), probe.Classifier.Accuracy(test.Features, test.Images.Labels));

    if (!parsed.GetValue(tune)) return 0;
    // Stages that pretraining left out grow back, and are warmed up first.
    using IBackbone whole = network.Grow();
    int count = parsed.GetValue(epochs);
    var tuning = new FineTunerOptions
    {
        Epochs = count,
        MeasureEveryEpochs = count,
        Augmentation = AugmentationOptions.Supervised with { Statistics = statistics },
        WarmUp = network.StageCount < network.FullStageCount ? new StageWarmUp(network.StageCount) { Epochs = Math.Min(10, count) } : null,
    };
    using FineTuneResult tuned = new FineTuner(tuning).Run(whole, few.Images, test.Images, size, cancellation: cancellation);
    Say("fine-tuned", tuned.LastAccuracy);
    return 0;

    // With N test pictures an accuracy is known to its standard error.
    void Say(string name, double accuracy) => Console.WriteLine(FormattableString.Invariant(
        $"{name,-32} {accuracy:f3} ± {Math.Sqrt(accuracy * (1 - accuracy) / test.Images.Count):f3}"));
});
