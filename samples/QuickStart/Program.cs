using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;
using S3L.Core.Weights;

using ImageFolder photos = ImageFolder.Open(args[0], ignoreFolders: true);
using var method = new MoCo(new ResNet(ResNetOptions.ResNet18), MoCoOptions.SmallData);
TrainingResult result = new Trainer(TrainerOptions.MoCo).Run(method, photos, ResolutionSchedule.Parse("56x20,112x10"));

Safetensors.Save("backbone.safetensors", method.Backbone.Network.state_dict());
Console.WriteLine($"{result.ImageCount} pictures, {result.ImagesPerSecond:f0} images/s, loss {result.Losses[^1]:f3}");
