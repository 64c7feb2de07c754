namespace S3L.Core.Methods;

/// <summary>The last K keys, as a ring: the next keys overwrite the oldest, wherever that cuts a batch.</summary>
/// <remarks>Where the next keys go is a tensor too: it belongs to the state and is never read by the host.</remarks>
internal sealed class KeyQueue : torch.nn.Module
{
    private readonly torch.Tensor _next;

    /// <summary>K random unit rows, as in the paper's code.</summary>
    internal KeyQueue(long length, long width, torch.Device device) : base(nameof(KeyQueue))
    {
        Rows = torch.empty([length, width], device: device).DetachFromDisposeScope();
        _next = torch.zeros(1, torch.int64, device).DetachFromDisposeScope();
        register_buffer("rows", Rows);
        register_buffer("next", _next);
        Restart();
    }

    /// <summary>[K, E] unit rows.</summary>
    internal torch.Tensor Rows { get; }

    /// <summary>Random unit rows again.</summary>
    internal void Restart()
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        // Drawn by the processor, as weights are: the same on each device.
        Rows.copy_(Losses.UnitRows.Of(torch.randn(Rows.size(0), Rows.size(1))));
        _next.zero_();
    }

    /// <summary>Puts keys [N, E] in; of more than K the last K stay.</summary>
    internal void Enqueue(torch.Tensor keys)
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        long length = Rows.size(0);
        long count = Math.Min(keys.size(0), length);
        torch.Tensor last = keys.narrow(0, keys.size(0) - count, count).to(Rows.dtype);
        torch.Tensor places = (torch.arange(count, torch.int64, Rows.device) + _next).remainder(length);
        Rows.index_copy_(0, places, last);
        _next.add_(count).copy_(_next.remainder(length));
    }
}
