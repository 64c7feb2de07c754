using S3L.Core.Engine;
using S3L.Core.Methods;
using S3L.Core.Optimizers;

namespace S3L.Core.Training;

/// <summary>Everything a run needs to go on from a moment between two steps: weights, method, optimizer, random numbers, place.</summary>
internal sealed class TrainingSnapshot : IDisposable
{
    private const string MethodPrefix = "method.";
    private const string OptimizerPrefix = "optimizer.";
    private const string GeneratorKey = "generator";
    private const string DeviceGeneratorKey = "device_generator";

    internal TrainingSnapshot(IReadOnlyDictionary<string, torch.Tensor> tensors, SnapshotFacts facts)
    {
        Tensors = tensors;
        Facts = facts;
    }

    internal IReadOnlyDictionary<string, torch.Tensor> Tensors { get; }

    internal SnapshotFacts Facts { get; }

    /// <summary>Copies what the run consists of.</summary>
    internal static TrainingSnapshot Take(IContrastiveMethod method, ParameterUpdate? update, SnapshotFacts facts)
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        var tensors = new Dictionary<string, torch.Tensor>();
        foreach ((string name, torch.Tensor tensor) in method.State.state_dict()) Keep(MethodPrefix + name, tensor);
        foreach ((string name, torch.Tensor tensor) in update?.State ?? new Dictionary<string, torch.Tensor>()) Keep(OptimizerPrefix + name, tensor);
        using torch.Generator generator = torch.Generator.Default;
        Keep(GeneratorKey, generator.get_state());
        using torch.Generator? onDevice = DeviceGenerator(method);
        if (onDevice is not null) Keep(DeviceGeneratorKey, onDevice.get_state());
        return new TrainingSnapshot(tensors, facts);

        void Keep(string name, torch.Tensor tensor) => tensors.Add(name, tensor.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>Puts back what <see cref="Take"/> copied. The optimizer is left alone where the next stage begins with a fresh one.</summary>
    internal void Restore(IContrastiveMethod method, ParameterUpdate? update)
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        Put(MethodPrefix, method.State.state_dict());
        using torch.Generator generator = torch.Generator.Default;
        generator.set_state(Tensors[GeneratorKey]);
        using torch.Generator? onDevice = DeviceGenerator(method);
        // Absent where the run began on another device.
        if (onDevice is not null && Tensors.TryGetValue(DeviceGeneratorKey, out torch.Tensor? state)) onDevice.set_state(state);
        if (update is not null) Put(OptimizerPrefix, update.State);
    }

    public void Dispose()
    {
        foreach (torch.Tensor tensor in Tensors.Values) tensor.Dispose();
    }

    private static torch.Generator? DeviceGenerator(IContrastiveMethod method) =>
        EngineSeam.GeneratorOf(method.Backbone.Network.parameters().First().device);

    private void Put(string prefix, IReadOnlyDictionary<string, torch.Tensor> into)
    {
        string[] missing = [.. into.Keys.Where(k => !Tensors.ContainsKey(prefix + k))];
        string[] unknown = [.. Tensors.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal) && !into.ContainsKey(k[prefix.Length..]))];
        if (missing.Length + unknown.Length > 0)
        {
            throw new InvalidDataException($"The checkpoint does not fit: it lacks [{string.Join(", ", missing.Take(3))}] and has " +
                $"[{string.Join(", ", unknown.Take(3))}] in addition.");
        }

        foreach ((string name, torch.Tensor tensor) in into)
        {
            torch.Tensor saved = Tensors[prefix + name];
            if (!saved.shape.AsSpan().SequenceEqual(tensor.shape))
            {
                throw new InvalidDataException($"The checkpoint does not fit: {name} is [{string.Join(", ", saved.shape)}] in it, " +
                    $"but [{string.Join(", ", tensor.shape)}] here.");
            }

            tensor.copy_(saved);
        }
    }
}
