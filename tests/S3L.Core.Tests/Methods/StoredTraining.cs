using S3L.Core.Methods;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

/// <summary>The training that tests/Parity/networks/generate.py ran with torchvision's network, run with ours.</summary>
internal sealed class StoredTraining : IDisposable
{
    private const int Batch = 8;
    private const int Pool = 16;

    private readonly torch.Tensor[] _pools;

    public StoredTraining(string file, int resolution)
    {
        Stored = new StoredTensors("networks", file);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor shared = HashedNumbers.Tensor("colours", Pool, 3, 1, 1) + HashedNumbers.Tensor("stripes", Pool, 3, 1, resolution);
        _pools = [.. new[] { "view1", "view2" }.Select(v =>
            (shared + (HashedNumbers.Tensor(v, Pool, 3, resolution, resolution) * 0.5)).DetachFromDisposeScope())];
    }

    public StoredTensors Stored { get; }

    /// <summary>Forward, backward and one step of plain SGD; gives the loss.</summary>
    public double Step(IContrastiveMethod method, torch.optim.Optimizer optimizer, int step, Action? betweenBackwardAndStep = null)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = torch.tensor([.. Enumerable.Range(0, Batch).Select(i => (long)(((3 * step) + i) % Pool))]);
        MethodOutput output = method.Forward([.. _pools.Select(p => p.index_select(0, rows))], rows);
        optimizer.zero_grad();
        output.Loss.backward();
        betweenBackwardAndStep?.Invoke();
        optimizer.step();
        return output.Loss.ToDouble();
    }

    /// <summary>Compares what was stored under a prefix with the tensors of the same names; the largest relative error.</summary>
    public double LargestError(string prefix, Func<string, torch.Tensor> actual)
    {
        string[] names = [.. Stored.Names.Where(n => n.StartsWith(prefix, StringComparison.Ordinal))];
        Assert.NotEmpty(names);
        double largest = 0;
        foreach (string name in names)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            double error = TensorValues.RelativeError(Stored[name].Doubles(), actual(name[prefix.Length..]).Digest());
            Assert.False(double.IsNaN(error), $"{name} has another size or is no number.");
            largest = Math.Max(largest, error);
        }

        return largest;
    }

    public void Dispose()
    {
        Stored.Dispose();
        foreach (torch.Tensor pool in _pools) pool.Dispose();
    }
}
