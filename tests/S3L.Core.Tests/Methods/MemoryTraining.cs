using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

/// <summary>The fifty steps that tests/Parity/memories/generate.py made, made with our methods.</summary>
internal sealed class MemoryTraining : IDisposable
{
    public const int Embedding = 16;
    public const int Hidden = 16;
    public const int Steps = 50;

    private const int Batch = 16;
    private const int Images = 51;
    private const int Resolution = 4;

    private readonly StoredTensors _stored;
    private readonly torch.Tensor[] _pools;

    public MemoryTraining(string file)
    {
        _stored = new StoredTensors("memories", file);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor shared = HashedNumbers.Tensor("colours", Images, 3, 1, 1) + HashedNumbers.Tensor("stripes", Images, 3, 1, Resolution);
        _pools = [.. new[] { "view1", "view2" }.Select(v =>
            (shared + (HashedNumbers.Tensor(v, Images, 3, Resolution, Resolution) * 0.5)).DetachFromDisposeScope())];
    }

    /// <summary>What <see cref="IContrastiveMethod.Begin"/> is told; calibration sees three batches, the last one shorter.</summary>
    public TrainingRun Run => new(Images, Steps, torch.CPU) { EveryImage = EveryImage() };

    public static ResNet Backbone() => new(new ResNetOptions
    {
        Name = "tiny",
        Width = 4,
        Depths = [1, 1, 1, 1],
        StageCount = 2,
        Stem = ResNetStem.SmallImage,
    });

    /// <summary>Trains a method that has begun; gives the loss of each step.</summary>
    public double[] Train(IContrastiveMethod method)
    {
        Parameter[] trained = [.. method.State.parameters().Where(p => p.requires_grad)];
        using torch.optim.Optimizer optimizer = torch.optim.SGD(trained, 0.003, momentum: 0.9, weight_decay: 5e-4);
        var losses = new double[Steps];
        for (int step = 0; step < Steps; step++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor indices = torch.tensor([.. Enumerable.Range(0, Batch).Select(i => (long)(((7 * step) + (3 * i)) % Images))]);
            MethodOutput output = method.Forward([.. _pools.Take(method.ViewCount).Select(p => p.index_select(0, indices))], indices);
            optimizer.zero_grad();
            output.Loss.backward();
            optimizer.step();
            using IDisposable quiet = torch.no_grad();
            // Two stages: a momentum that followed the stage would start again half way.
            KnownMethods.EndStep(method, new TrainingPosition(step / 25, 0, 1, step % 25, 25, step, Steps));
            losses[step] = output.Loss.ToDouble();
        }

        return losses;
    }

    /// <summary>All that a method has in its state, by name.</summary>
    public static Dictionary<string, double[]> Everything(IContrastiveMethod method) =>
        method.State.state_dict().ToDictionary(s => s.Key, s => s.Value.Doubles());

    /// <summary>What PyTorch's method has in its state after the last step, and the losses on the way.</summary>
    public Dictionary<string, double[]> Expected() => _stored.Names.ToDictionary(n => n, n => _stored[n].Doubles());

    public void Dispose()
    {
        _stored.Dispose();
        foreach (torch.Tensor pool in _pools) pool.Dispose();
    }

    private IEnumerable<(torch.Tensor Images, torch.Tensor Indices)> EveryImage()
    {
        for (int first = 0; first < Images; first += 20)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor indices = torch.arange(first, Math.Min(first + 20, Images), torch.int64);
            yield return (_pools[0].index_select(0, indices), indices);
        }
    }
}
