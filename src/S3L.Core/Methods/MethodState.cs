namespace S3L.Core.Methods;

/// <summary>The parts of a method under the names that they have in its state dict.</summary>
internal sealed class MethodState : torch.nn.Module
{
    internal MethodState(string method, params ReadOnlySpan<(string Name, torch.nn.Module Part)> parts) : base(method)
    {
        foreach ((string name, torch.nn.Module part) in parts) register_module(name, part);
    }

    /// <summary>Adds a part whose shape is known only when a run begins, or takes over the values of a new one where it exists already.</summary>
    /// <returns>The part that is in the state now.</returns>
    internal T Set<T>(string name, T part) where T : torch.nn.Module
    {
        torch.nn.Module? old = named_children().FirstOrDefault(c => c.name == name).module;
        if (old is null)
        {
            register_module(name, part);
            return part;
        }

        Dictionary<string, torch.Tensor> before = old.state_dict();
        foreach ((string key, torch.Tensor value) in part.state_dict())
        {
            if (before[key].shape.AsSpan().SequenceEqual(value.shape)) continue;
            string shapes = $"[{string.Join(", ", before[key].shape)}] and cannot become [{string.Join(", ", value.shape)}]";
            part.Dispose();
            throw new InvalidOperationException($"{name}.{key} is {shapes}: a method that was trained once keeps its sizes.");
        }

        old.load_state_dict(part.state_dict());
        part.Dispose();
        return (T)old;
    }
}
