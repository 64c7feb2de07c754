using System.Text.Json;
using S3L.Core.Backbones;
using S3L.Core.Losses;
using S3L.Core.Schedules;

namespace S3L.Core.Methods;

/// <summary>
/// Momentum contrast: each image's query is told from a queue of other images' keys, which a slowly moving copy of the network makes.
/// </summary>
/// <remarks>
/// Source: arXiv 1911.05722 (v1) and 2003.04297 (v2). Within a step: momentum copy, keys, logits against the queue as it was, enqueue.
/// Departures: K need not be a multiple of the batch, the queue wraps around; momentum and queue length follow the run by default.
/// </remarks>
public sealed class MoCo : IContrastiveMethod
{
    private readonly InfoNceLoss _loss;
    private readonly MlpHead _head;
    private readonly MomentumCopy _keys;
    private readonly MethodState _state;
    private KeyQueue? _queue;

    /// <summary>Trains <paramref name="backbone"/>, which the method then owns.</summary>
    public MoCo(IBackbone backbone, MoCoOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        Options = options ?? new MoCoOptions();
        Backbone = backbone;
        _loss = new InfoNceLoss(Options.Temperature);
        _head = new MlpHead([.. Enumerable.Repeat(backbone.FeatureDimension, Options.HeadLayers), Options.EmbeddingDimension]);
        _keys = new MomentumCopy(backbone, _head, Options.Momentum ?? RunLength.MomentumFor(1));
        _state = new MethodState(nameof(MoCo),
            ("backbone", backbone.Network), ("head", _head), ("key_backbone", _keys.Network), ("key_head", _keys.Head));
    }

    /// <summary>The settings.</summary>
    public MoCoOptions Options { get; }

    /// <inheritdoc/>
    public string Name => Options.HeadLayers == 1 ? "mocov1" : "mocov2";

    /// <inheritdoc/>
    public string Settings => JsonSerializer.Serialize(Options, OptionsJson.Default.MoCoOptions);

    /// <inheritdoc/>
    public int ViewCount => 2;

    /// <inheritdoc/>
    public bool CanBeReplayed => true;

    /// <inheritdoc/>
    public IBackbone Backbone { get; }

    /// <inheritdoc/>
    public torch.nn.Module State => _state;

    /// <summary>[K, E] unit rows; null before <see cref="Begin"/>.</summary>
    public torch.Tensor? Queue => _queue?.Rows;

    /// <inheritdoc/>
    public void Begin(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (Options.KeyGroups > 1 && run.LeastBatchSize < 2 * Options.KeyGroups)
        {
            throw new ArgumentException(
                $"Options.KeyGroups must leave at least two images of a batch of {run.LeastBatchSize} to each group, but is {Options.KeyGroups}.");
        }

        double momentum = Options.Momentum ?? RunLength.MomentumFor(run.StepCount);
        _keys.Follow(momentum);
        int length = Options.QueueLength ?? RunLength.QueueFor(momentum, run);
        _queue = _state.Set("queue", new KeyQueue(length, Options.EmbeddingDimension, run.Device));
    }

    /// <inheritdoc/>
    public void RestartMemory(TrainingRun run) =>
        (_queue ?? throw new InvalidOperationException("Begin must be called before RestartMemory: it makes the queue.")).Restart();

    /// <inheritdoc/>
    public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
    {
        Views.Check(views, ViewCount);
        KeyQueue queue = _queue ?? throw new InvalidOperationException("Begin must be called before Forward: it makes the queue.");
        if (views[0].size(0) < 2 * Options.KeyGroups && Options.KeyGroups > 1)
        {
            throw new ArgumentException(
                $"views must hold at least two images per group of keys, {2 * Options.KeyGroups}, but hold {views[0].size(0)}.", nameof(views));
        }

        using DisposeScope scope = torch.NewDisposeScope();
        _keys.Move();
        // The logits must see the queue as it was, and backward must find it unchanged: hence the copy.
        torch.Tensor before = queue.Rows.clone();                                             // [K, E]
        (torch.Tensor loss, torch.Tensor queries, torch.Tensor keys) = Direction(views[0], views[1], before);
        torch.Tensor enqueued = keys;
        if (Options.Symmetric)
        {
            (torch.Tensor back, _, torch.Tensor otherKeys) = Direction(views[1], views[0], before);
            loss = loss + back;
            enqueued = torch.cat([keys, otherKeys], 0);
        }

        queue.Enqueue(enqueued);
        return new MethodOutput(loss, queries.detach(), keys).MoveOut();
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
        _keys.Dispose();
    }

    private (torch.Tensor Loss, torch.Tensor Queries, torch.Tensor Keys) Direction(torch.Tensor queryView, torch.Tensor keyView, torch.Tensor queue)
    {
        torch.Tensor queries = UnitRows.Of(_head.call(Backbone.Forward(queryView)));         // [N, E]
        torch.Tensor keys = UnitRows.Of(_keys.Embed(keyView, Options.KeyGroups));            // [N, E], without gradient
        return (_loss.Compute(queries, keys, queue), queries, keys);
    }
}
