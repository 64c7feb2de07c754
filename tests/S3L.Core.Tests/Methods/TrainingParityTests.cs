using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

/// <summary>Losses, every gradient and ten steps of both methods on a ResNet-18 against PyTorch and torchvision in float64.</summary>
public sealed class TrainingParityTests
{
    // Float32 against float64 through 18 layers with batch statistics, forward and back; measured 6e-6.
    private const double GradientTolerance = 1e-4;

    // The same, fed back ten times; measured 1.4e-6.
    private const double FinalTolerance = 1e-3;

    // How far weights moved: a small difference of large float32 numbers; measured 5e-3.
    private const double MovedTolerance = 3e-2;

    [Theory]
    [InlineData("moco-imagenet", ResNetStem.ImageNet, 33)]
    [InlineData("moco-small", ResNetStem.SmallImage, 9)]
    public void MoCo_trains_as_in_PyTorch(string file, ResNetStem stem, int resolution)
    {
        using var backbone = new ResNet(new ResNetOptions { Stem = stem });
        var options = new MoCoOptions { Temperature = 0.2, Momentum = 0.9, QueueLength = 20, EmbeddingDimension = 16 };
        using var method = new MoCo(backbone, options);
        method.Begin(new TrainingRun(16, 10, torch.CPU));
        using (torch.no_grad())
        {
            using DisposeScope scope = torch.NewDisposeScope();
            Dictionary<string, torch.Tensor> state = method.State.state_dict();
            FillTrained(method);
            foreach ((string name, torch.Tensor tensor) in state)
            {
                if (name.StartsWith("key_", StringComparison.Ordinal)) tensor.copy_(state[name[4..]]);
            }

            torch.Tensor rows = HashedNumbers.Tensor("queue", 20, 16);
            method.Queue!.copy_(rows / rows.square().sum(1, keepdim: true).sqrt());
        }

        using var training = new StoredTraining(file, resolution);
        Run(method, training, 0.002);
        Dictionary<string, torch.Tensor> final = method.State.state_dict();
        Assert.InRange(training.LargestError("key_backbone.", n => final["key_backbone." + n]), 0, FinalTolerance);
        Assert.InRange(training.LargestError("key_head.", n => final["key_head." + n]), 0, FinalTolerance);
        Assert.InRange(TensorValues.RelativeError(training.Stored["queue"], method.Queue!), 0, FinalTolerance);
    }

    [Theory]
    [InlineData("simsiam-imagenet", ResNetStem.ImageNet, 33)]
    [InlineData("simsiam-small", ResNetStem.SmallImage, 9)]
    public void SimSiam_trains_as_in_PyTorch(string file, ResNetStem stem, int resolution)
    {
        using var backbone = new ResNet(new ResNetOptions { Stem = stem });
        using var method = new SimSiam(backbone, new SimSiamOptions { ProjectorWidth = 32, PredictorWidth = 8 });
        method.Begin(new TrainingRun(16, 10, torch.CPU));
        FillTrained(method);
        using var training = new StoredTraining(file, resolution);
        Run(method, training, 0.0002);
    }

    private static void Run(IContrastiveMethod method, StoredTraining training, double learningRate)
    {
        Dictionary<string, Parameter> trained = method.State.named_parameters().Where(p => p.parameter.requires_grad).ToDictionary(p => p.name, p =>
            p.parameter);
        using torch.optim.Optimizer optimizer = torch.optim.SGD(trained.Values, learningRate, momentum: 0.9, weight_decay: 5e-4);
        using (DisposeScope scope = torch.NewDisposeScope())
        {
            Dictionary<string, torch.Tensor> start = trained.ToDictionary(t => t.Key, t => t.Value.detach().clone());
            var losses = new double[10];
            for (int step = 0; step < losses.Length; step++)
            {
                losses[step] = training.Step(method, optimizer, step, step == 0 ? CheckGradients : null);
            }

            double[] expected = training.Stored["losses"].Doubles();
            // Absolute, as SimSiam's losses come close to zero; measured 4e-7.
            for (int step = 0; step < losses.Length; step++) Assert.Equal(expected[step], losses[step], step == 0 ? 1e-5 : 1e-3);
            Assert.InRange(training.LargestError("moved.", n => trained[n].detach() - start[n]), 0, MovedTolerance);
        }

        Dictionary<string, torch.Tensor> final = method.State.state_dict();
        Assert.InRange(training.LargestError("final.", n => final[n]), 0, FinalTolerance);

        void CheckGradients()
        {
            Assert.Equal(trained.Count, training.Stored.Names.Count(n => n.StartsWith("gradient.", StringComparison.Ordinal)));
            Assert.InRange(training.LargestError("gradient.", n => trained[n].grad!), 0, GradientTolerance);
        }
    }

    /// <summary>Gives everything but queue and momentum copy the weights of the generator.</summary>
    private static void FillTrained(IContrastiveMethod method)
    {
        using IDisposable quiet = torch.no_grad();
        foreach ((string name, torch.Tensor tensor) in method.State.state_dict())
        {
            if (name.StartsWith("queue.", StringComparison.Ordinal) || name.StartsWith("key_", StringComparison.Ordinal)) continue;
            using torch.Tensor weight = HashedNumbers.Weight(name, tensor.shape);
            tensor.copy_(weight);
        }
    }
}
