using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;
using S3L.Core.Weights;

namespace SearchByImage;

/// <summary>Weights where none are at hand: a short run on synthetic pictures. Weights from your own pictures find more.</summary>
internal static class QuickPretraining
{
    internal static void Save(string path, int epochs, CancellationToken cancellation)
    {
        Console.WriteLine($"There are no weights at {path}: pretraining on synthetic pictures, {epochs} epochs");
        torch.manual_seed(0);
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = 1000 });
        using var method = new MoCo(new ResNet(ResNetOptions.ResNet18 with { StageCount = 3 }), MoCoOptions.SmallData);
        TrainingResult result = new Trainer(TrainerOptions.MoCo)
            .Run(method, pictures, ResolutionSchedule.Constant(32, epochs), cancellation: cancellation);
        Console.WriteLine(FormattableString.Invariant($"{result.Steps} steps in {result.TrainSeconds:f0} s"));
        Safetensors.Save(path, method.Backbone.Network.state_dict());
    }
}
