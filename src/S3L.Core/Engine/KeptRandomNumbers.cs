namespace S3L.Core.Engine;

/// <summary>Puts the random numbers of the processor and of a device back to where they were, when it is disposed: for work that measures.</summary>
internal sealed class KeptRandomNumbers : IDisposable
{
    private readonly torch.Generator[] _generators;
    private readonly torch.Tensor[] _states;

    internal KeptRandomNumbers(torch.Device device)
    {
        _generators = EngineSeam.GeneratorOf(device) is { } own ? [torch.Generator.Default, own] : [torch.Generator.Default];
        _states = [.. _generators.Select(g => g.get_state().DetachFromDisposeScope())];
    }

    public void Dispose()
    {
        for (int i = 0; i < _generators.Length; i++)
        {
            _generators[i].set_state(_states[i]);
            _states[i].Dispose();
            _generators[i].Dispose();
        }
    }
}
