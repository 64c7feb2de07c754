using CustomMethod;
using S3L.Core.Augmentation;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Schedules;
using S3L.Core.Training;

// Trains a method and a network that S3L.Core does not know, on synthetic pictures: dotnet run -- [EPOCHS]
int epochs = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 10;
var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = 1000 });
using ImageCache cache = ImageCache.Build(pictures, ImageCache.GridSizeFor(pictures, 32), Environment.ProcessorCount);

torch.manual_seed(0);
using var method = new DecoupledContrast(new PlainNetwork());
double before = Accuracy();
TrainingResult result = new Trainer(TrainerOptions.SimClr with { BatchSize = 64, Augmentations = [AugmentationOptions.Cifar] })
    .Run(method, cache, ResolutionSchedule.Constant(32, epochs));
Console.WriteLine($"{method.Name} on {method.Backbone.Name}: kNN {before:f3} before, {Accuracy():f3} after {result.Steps} steps");

double Accuracy()
{
    using torch.Tensor features = FeatureExtractor.Extract(method.Backbone, cache, 32, AugmentationOptions.Cifar.Statistics);
    using var knn = new KnnClassifier(features, cache.Labels, cache.ClassNames.Count);
    return knn.LeaveOneOutAccuracy();
}
