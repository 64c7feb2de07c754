namespace S3L.Core.Backbones;

/// <summary>The stem and first stages of a backbone while they are not trained.</summary>
/// <remarks>
/// Made by <see cref="BackboneExtensions.Freeze"/>. Switching a network to train mode reaches all of its parts, also these: call
/// <see cref="Apply"/> after it.
/// </remarks>
public sealed class FrozenPrefix
{
    private readonly IBackbone _backbone;
    private readonly Parameter[] _parameters;
    private readonly torch.nn.Module[] _modules;
    private bool _released;

    internal FrozenPrefix(IBackbone backbone, int stages, FrozenStatistics statistics)
    {
        _backbone = backbone;
        Stages = stages;
        Statistics = statistics;
        _modules = [.. backbone.Stages.Take(stages + 1).SelectMany(s => s.Modules)];
        _parameters = [.. _modules.SelectMany(m => m.parameters()).Where(p => p.requires_grad)];
        foreach (Parameter parameter in _parameters)
        {
            parameter.requires_grad = false;
            // An optimizer moves whatever has a gradient, be it an old one.
            parameter.grad = null;
        }

        Apply();
    }

    /// <summary>How many stages are frozen, besides the stem.</summary>
    public int Stages { get; }

    /// <summary>What they do in train mode.</summary>
    public FrozenStatistics Statistics { get; }

    /// <summary>The modules that stay in evaluation mode: all of the frozen ones, or none where statistics move.</summary>
    public IReadOnlyList<torch.nn.Module> EvaluationModules => _released || Statistics == FrozenStatistics.Moving ? [] : _modules;

    /// <summary>Switches <see cref="EvaluationModules"/> to evaluation. To be called after each switch of the network to train mode.</summary>
    public void Apply()
    {
        foreach (torch.nn.Module module in EvaluationModules) module.eval();
    }

    /// <summary>Trains again what was trained before, in the mode that the network is in. A second call does nothing.</summary>
    public void Unfreeze()
    {
        if (_released) return;
        _released = true;
        foreach (Parameter parameter in _parameters) parameter.requires_grad = true;
        foreach (torch.nn.Module module in _modules) module.train(_backbone.Network.training);
    }
}
