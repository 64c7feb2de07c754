namespace S3L.Core.Optimizers;

/// <summary>Changes parameters by their gradients. What it remembers of them lies in named tensors, so that a checkpoint can hold it.</summary>
internal abstract class ParameterUpdate : IDisposable
{
    private readonly Dictionary<string, torch.Tensor> _state = [];
    private readonly Dictionary<UpdateGroup, Dictionary<string, torch.Tensor[]>> _byGroup = [];

    private readonly Dictionary<UpdateGroup, torch.Tensor> _rates;

    private protected ParameterUpdate(IReadOnlyList<UpdateGroup> groups)
    {
        Groups = groups;
        _rates = groups.ToDictionary(g => g, g => torch.zeros([], torch.float64, g.Parameters[0].device).DetachFromDisposeScope());
    }

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
        TakeRates();
        Change();
    }

    /// <summary>Puts the groups' learning rates where <see cref="Change"/> finds them on the device.</summary>
    internal void TakeRates()
    {
        foreach (UpdateGroup group in Groups) _rates[group].fill_(group.LearningRate);
    }

    /// <summary>The device's part of a step: knows no number of the host that changes, so that it can be recorded and replayed.</summary>
    internal void Change()
    {
        using IDisposable quiet = torch.no_grad();
        foreach (UpdateGroup group in Groups)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor?[] gradients = [.. group.Parameters.Select(p => p.grad)];
            int[] rows = [.. Enumerable.Range(0, gradients.Length).Where(i => gradients[i] is not null)];
            if (rows.Length == 0) continue;
            Update(group, rows, [.. rows.Select(i => group.Parameters[i])], [.. rows.Select(i => gradients[i]!)], _rates[group]);
        }
    }

    public void Dispose()
    {
        foreach (torch.Tensor tensor in _state.Values) tensor.Dispose();
        foreach (torch.Tensor tensor in _rates.Values) tensor.Dispose();
        _state.Clear();
        _rates.Clear();
    }

    /// <param name="group">Whose settings hold.</param>
    /// <param name="rows">Numbers of the parameters within the group.</param>
    /// <param name="parameters">Those parameters.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="rate">[]: the group's learning rate.</param>
    private protected abstract void Update(UpdateGroup group, int[] rows, torch.Tensor[] parameters, torch.Tensor[] gradients, torch.Tensor rate);

    /// <summary>One tensor of zeros per parameter, kept under <paramref name="kind"/>.</summary>
    private protected void Remember(string kind) => Remember(kind, p => p.zeros_like());

    /// <summary>One count per parameter, kept under <paramref name="kind"/>.</summary>
    private protected void RememberCount(string kind) => Remember(kind, p => torch.zeros([], torch.int64, p.device));

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
