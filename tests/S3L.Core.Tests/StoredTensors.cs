using S3L.Core.Weights;

namespace S3L.Core.Tests;

/// <summary>Tensors that a generator under tests/Parity wrote.</summary>
public sealed class StoredTensors : IDisposable
{
    private readonly Dictionary<string, torch.Tensor> _tensors;

    /// <summary>Reads tests/Parity/CASE/FILE.safetensors.</summary>
    public StoredTensors(string parityCase, string file)
    {
        _tensors = Safetensors.Load(RepositoryFiles.PathTo("tests", "Parity", parityCase, file + ".safetensors"));
        foreach (torch.Tensor tensor in _tensors.Values) tensor.DetachFromDisposeScope();
    }

    /// <summary>The names, as written.</summary>
    public IEnumerable<string> Names => _tensors.Keys;

    /// <summary>A tensor, which this object owns.</summary>
    public torch.Tensor this[string name] => _tensors.TryGetValue(name, out torch.Tensor? tensor)
        ? tensor
        : throw new KeyNotFoundException($"No tensor {name} was stored; there are {string.Join(", ", _tensors.Keys)}.");

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        foreach (torch.Tensor tensor in _tensors.Values) tensor.Dispose();
    }
}
