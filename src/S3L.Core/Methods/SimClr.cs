using System.Text.Json;
using S3L.Core.Backbones;
using S3L.Core.Losses;
using S3L.Core.Schedules;

namespace S3L.Core.Methods;

/// <summary>Contrast within a batch: each view is told from all other images' views by the other view of its own image.</summary>
/// <remarks>
/// Source: arXiv 2002.05709. Both views pass the network as one batch of 2N, as in the paper's code, so that batch statistics are of both.
/// </remarks>
public sealed class SimClr : IContrastiveMethod
{
    private readonly NtXentLoss _loss;
    private readonly MlpHead _head;
    private readonly MethodState _state;

    /// <summary>Trains <paramref name="backbone"/>, which the method then owns.</summary>
    public SimClr(IBackbone backbone, SimClrOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        Options = options ?? new SimClrOptions();
        Backbone = backbone;
        _loss = new NtXentLoss(Options.Temperature);
        _head = new MlpHead([.. Enumerable.Repeat(backbone.FeatureDimension, Options.HeadLayers), Options.EmbeddingDimension]);
        _state = new MethodState(nameof(SimClr), ("backbone", backbone.Network), ("head", _head));
    }

    /// <summary>The settings.</summary>
    public SimClrOptions Options { get; }

    /// <inheritdoc/>
    public string Name => "simclr";

    /// <inheritdoc/>
    public string Settings => JsonSerializer.Serialize(Options, OptionsJson.Default.SimClrOptions);

    /// <inheritdoc/>
    public int ViewCount => 2;

    /// <inheritdoc/>
    public bool CanBeReplayed => true;

    /// <inheritdoc/>
    public IBackbone Backbone { get; }

    /// <inheritdoc/>
    public torch.nn.Module State => _state;

    /// <inheritdoc/>
    public void Begin(TrainingRun run) => ArgumentNullException.ThrowIfNull(run);

    /// <inheritdoc/>
    public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
    {
        Views.Check(views, ViewCount);
        using DisposeScope scope = torch.NewDisposeScope();
        long n = views[0].size(0);
        torch.Tensor both = UnitRows.Of(_head.call(Backbone.Forward(Views.Together(views))));   // [2N, E]
        torch.Tensor first = both.narrow(0, 0, n);
        torch.Tensor second = both.narrow(0, n, n);
        return new MethodOutput(_loss.Compute(first, second), first.detach(), second.detach()).MoveOut();
    }

    /// <inheritdoc/>
    public void AfterStep(TrainingPosition position)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _state.Dispose();
        Backbone.Dispose();
    }
}
