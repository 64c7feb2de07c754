namespace S3L.Core.Optimizers;

/// <summary>Changes parameters by their gradients. What it remembers of them lies in named tensors, so that a checkpoint can hold it.</summary>
internal abstract class ParameterUpdate : IDisposable
{
    private readonly Dictionary<string, torch.Tensor> _state = [];
    private readonly Dictionary<UpdateGroup, Dictionary<string, torch.Tensor[]>> _byGroup = [];

    private protected ParameterUpdate(IReadOnlyList<UpdateGroup> groups) => Groups = groups;

    internal IReadOnlyList<UpdateGroup> Groups { get; }

    /// <summary>Momenta and the like, by kind and parameter: <c>momentum.backbone.conv1.weight</c>.</summary>
    internal IReadOnlyDictionary<string, torch.Tensor> State => _state;

    /// <summary>Goes on with what another update of the same parameters remembers.</summary>
    internal void TakeOver(ParameterUpdate other)
    {
        using IDisposable quiet = torch.no_grad();
        foreach ((string name, torch.Tensor tensor) in _state) tensor.copy_(other._state[name]);
    }

    /// <summary>Drops all gradients.</summary>
    internal void ZeroGrad()
    {
        foreach (UpdateGroup group in Groups)
        {
            foreach (Parameter parameter in group.Parameters) parameter.grad = null;
        }
    }

    /// <summary>One update of all parameters that have a gradient.</summary>
    internal void Step()
    {
        using IDisposable quiet = torch.no_grad();
        foreach (UpdateGroup group in Groups)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor?[] gradients = [.. group.Parameters.Select(p => p.grad)];
            int[] rows = [.. Enumerable.Range(0, gradients.Length).Where(i => gradients[i] is not null)];
            if (rows.Length > 0) Update(group, rows, [.. rows.Select(i => group.Parameters[i])], [.. rows.Select(i => gradients[i]!)]);
        }
    }

    public void Dispose()
    {
        foreach (torch.Tensor tensor in _state.Values) tensor.Dispose();
        _state.Clear();
    }

    /// <param name="group">Whose settings hold.</param>
    /// <param name="rows">Numbers of the parameters within the group.</param>
    /// <param name="parameters">Those parameters.</param>
    /// <param name="gradients">Their gradients.</param>
    private protected abstract void Update(UpdateGroup group, int[] rows, torch.Tensor[] parameters, torch.Tensor[] gradients);

    /// <summary>One tensor of zeros per parameter, kept under <paramref name="kind"/>.</summary>
    private protected void Remember(string kind) => Remember(kind, p => p.zeros_like());

    /// <summary>One count per parameter; on the host, so that reading it does not wait for the device.</summary>
    private protected void RememberCount(string kind) => Remember(kind, _ => torch.zeros([], torch.int64));

    private protected torch.Tensor[] Remembered(UpdateGroup group, string kind, int[] rows)
    {
        torch.Tensor[] all = _byGroup[group][kind];
        return rows.Length == all.Length ? all : [.. rows.Select(i => all[i])];
    }

    private void Remember(string kind, Func<Parameter, torch.Tensor> make)
    {
        foreach (UpdateGroup group in Groups)
        {
            var tensors = new torch.Tensor[group.Parameters.Length];
            for (int i = 0; i < tensors.Length; i++)
            {
                tensors[i] = make(group.Parameters[i]).DetachFromDisposeScope();
                _state.Add($"{kind}.{group.Names[i]}", tensors[i]);
            }

            if (!_byGroup.TryGetValue(group, out Dictionary<string, torch.Tensor[]>? kinds)) _byGroup[group] = kinds = [];
            kinds[kind] = tensors;
        }
    }
}
