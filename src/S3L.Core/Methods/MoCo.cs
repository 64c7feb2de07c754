using System.Numerics;
using S3L.Core.Backbones;
using S3L.Core.Engine;
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
    private readonly IBackbone _keyBackbone;
    private readonly MlpHead _keyHead;
    private readonly Parts _state;
    private double _momentum;
    private int _queueEnd;

    /// <summary>Trains <paramref name="backbone"/>, which the method then owns.</summary>
    public MoCo(IBackbone backbone, MoCoOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        Options = options ?? new MoCoOptions();
        Backbone = backbone;
        _loss = new InfoNceLoss(Options.Temperature);
        long[] widths = [.. Enumerable.Repeat(backbone.FeatureDimension, Options.HeadLayers), Options.EmbeddingDimension];
        _head = new MlpHead(widths);
        _keyHead = new MlpHead(widths);
        _keyHead.load_state_dict(_head.state_dict());
        _keyBackbone = backbone.CreateTwin();
        foreach (Parameter parameter in _keyBackbone.Network.parameters().Concat(_keyHead.parameters())) parameter.requires_grad = false;
        _state = new Parts(backbone.Network, _head, _keyBackbone.Network, _keyHead);
    }

    /// <summary>The settings.</summary>
    public MoCoOptions Options { get; }

    /// <inheritdoc/>
    public string Name => Options.HeadLayers == 1 ? "mocov1" : "mocov2";

    /// <inheritdoc/>
    public int ViewCount => 2;

    /// <inheritdoc/>
    public IBackbone Backbone { get; }

    /// <inheritdoc/>
    public torch.nn.Module State => _state;

    /// <summary>[K, E] unit rows, oldest first from where the next keys go; null before <see cref="Begin"/>.</summary>
    public torch.Tensor? Queue => _state.Queue;

    /// <inheritdoc/>
    public void Begin(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _momentum = Options.Momentum ?? Math.Clamp(1 - (10.0 / Math.Max(run.StepCount, 1)), 0.9, 0.999);
        int length = Options.QueueLength ?? (int)Math.Min(65_536, BitOperations.RoundUpToPowerOf2((uint)run.ImageCount + 1) / 2);
        using DisposeScope scope = torch.NewDisposeScope();
        _state.SetQueue(UnitRows.Of(torch.randn(length, Options.EmbeddingDimension, device: run.Device)));
        _queueEnd = 0;
    }

    /// <inheritdoc/>
    public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
    {
        Views.Check(views, ViewCount);
        torch.Tensor queue = Queue ?? throw new InvalidOperationException("Begin must be called before Forward: it makes the queue.");
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor queries = UnitRows.Of(_head.call(Backbone.Forward(views[0])));          // [N, E]
        torch.Tensor keys = Keys(views[1]);                                                   // [N, E], without gradient
        // The logits must see the queue as it was, and backward must find it unchanged: hence the copy.
        torch.Tensor loss = _loss.Compute(queries, keys, queue.clone());
        Enqueue(queue, keys);
        return new MethodOutput(loss.MoveToOuterDisposeScope(), queries.detach().MoveToOuterDisposeScope());
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
        _keyBackbone.Dispose();
    }

    private torch.Tensor Keys(torch.Tensor view)
    {
        using IDisposable quiet = torch.no_grad();
        MoveCopy();
        return UnitRows.Of(_keyHead.call(_keyBackbone.Forward(view)));
    }

    private void MoveCopy() => EngineSeam.Average(_state.Copies, _state.Originals, _momentum);

    private void Enqueue(torch.Tensor queue, torch.Tensor keys)
    {
        using IDisposable quiet = torch.no_grad();
        long length = queue.size(0);
        // A batch longer than the queue overwrites its own first keys.
        torch.Tensor last = keys.size(0) > length ? keys.narrow(0, keys.size(0) - length, length) : keys;
        long count = last.size(0);
        long upToEnd = Math.Min(count, length - _queueEnd);
        queue.narrow(0, _queueEnd, upToEnd).copy_(last.narrow(0, 0, upToEnd));
        if (upToEnd < count) queue.narrow(0, 0, count - upToEnd).copy_(last.narrow(0, upToEnd, count - upToEnd));
        _queueEnd = (int)((_queueEnd + count) % length);
    }

    /// <summary>Everything that a checkpoint holds.</summary>
    private sealed class Parts : torch.nn.Module
    {
        internal Parts(torch.nn.Module backbone, torch.nn.Module head, torch.nn.Module keyBackbone, torch.nn.Module keyHead) : base(nameof(MoCo))
        {
            register_module("backbone", backbone);
            register_module("head", head);
            register_module("key_backbone", keyBackbone);
            register_module("key_head", keyHead);
            Originals = [.. backbone.parameters(), .. head.parameters()];
            Copies = [.. keyBackbone.parameters(), .. keyHead.parameters()];
        }

        internal torch.Tensor[] Originals { get; }

        internal torch.Tensor[] Copies { get; }

        internal torch.Tensor? Queue { get; private set; }

        internal void SetQueue(torch.Tensor queue)
        {
            if (Queue is { } old && old.shape.SequenceEqual(queue.shape))
            {
                old.copy_(queue);
                return;
            }

            if (Queue is not null) throw new InvalidOperationException($"The queue holds {Queue.size(0)} keys and cannot be given {queue.size(0)}.");
            Queue = queue.DetachFromDisposeScope();
            register_buffer("queue", Queue);
        }
    }
}
