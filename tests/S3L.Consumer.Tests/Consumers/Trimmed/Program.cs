using Microsoft.Extensions.AI;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Extensions.AI;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;
using S3L.Core.Weights;

// All that reads or writes JSON is used, since that is what trimming breaks first: checkpoints, their settings, weights.
string folder = args[0];
var options = new TrainerOptions
{
    BatchSize = 16,
    Precision = Precision.Float32,
    Device = "cpu",
    Threads = 1,
    Checkpoints = new CheckpointOptions(Path.Combine(folder, "checkpoints")) { Resume = true },
};
var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = 48, Size = 16 });
foreach (long? limit in (long?[])[4, null])
{
    using var method = new SimSiam(new ResNet(ResNetOptions.ResNet18 with { Width = 8, StageCount = 2, Stem = ResNetStem.SmallImage }),
        new SimSiamOptions { ProjectorWidth = 16, PredictorWidth = 8 });
    TrainingResult result = new Trainer(options with { StepLimit = limit }).Run(method, pictures, ResolutionSchedule.Parse("8x2,16x1"));
    string file = Path.Combine(folder, "backbone.safetensors");
    Safetensors.Save(file, method.Backbone.Network.state_dict());
    using var generator = new ImageEmbeddingGenerator(method.Backbone, resolution: 16);
    IEmbeddingGenerator<RgbImage, Embedding<float>> images = generator;
    Embedding<float> embedding = (await images.GenerateAsync([pictures.Load(0)]))[0];
    Console.WriteLine($"{result.Steps} steps, {result.Losses.Count} losses, {embedding.Dimensions} dimensions, {new FileInfo(file).Length > 0}");
}
