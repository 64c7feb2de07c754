namespace S3L.Torch;

/// <summary>The dispose scopes of one thread.</summary>
public class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScopeManager? _current;

    private readonly ThreadDisposeScopeStatistics _statistics = new();
    private DisposeScope? _innermost;

    /// <summary>Counts of this thread: how many tensors were created, disposed and are alive.</summary>
    public static ThreadDisposeScopeStatistics Statistics => Current._statistics;

    internal static DisposeScopeManager Current => _current ??= new DisposeScopeManager();

    internal static void Register(torch.Tensor tensor)
    {
        DisposeScopeManager manager = Current;
        manager._innermost?.Take(tensor);
        manager._statistics.TensorStatistics.Created(manager._innermost is not null);
    }

    internal DisposeScope Open() => _innermost = new DisposeScope(this, _innermost);

    internal void Close(DisposeScope scope)
    {
        for (DisposeScope? open = _innermost; open is not null; open = open.Outer)
        {
            if (open != scope) continue;
            for (; _innermost != scope; _innermost = _innermost!.Outer) _innermost!.DisposeEverything();
            _innermost = scope.Outer;
            return;
        }
    }
}

/// <summary>Counts of one thread, as TorchSharp keeps them.</summary>
public class ThreadDisposeScopeStatistics
{
    /// <summary>Counts of tensors.</summary>
    public LifetimeStatistics TensorStatistics { get; } = new();

    /// <summary>Tensors that are alive: created on this thread less those disposed on it.</summary>
    public long ThreadTotalLiveCount => TensorStatistics.ThreadTotalLiveCount;

    /// <summary>Starts all counts at zero again.</summary>
    public void Reset() => TensorStatistics.Reset();
}

/// <summary>Counts of one kind of object on one thread.</summary>
public class LifetimeStatistics
{
    /// <summary>Created while no scope was open.</summary>
    public long CreatedOutsideScopeCount { get; private set; }

    /// <summary>Created in a scope.</summary>
    public long CreatedInScopeCount { get; private set; }

    /// <summary>Disposed while a scope held it.</summary>
    public long DisposedInScopeCount { get; private set; }

    /// <summary>Disposed while no scope held it.</summary>
    public long DisposedOutsideScopeCount { get; private set; }

    /// <summary>Put into a scope after its creation.</summary>
    public long AttachedToScopeCount { get; private set; }

    /// <summary>Taken out of all scopes.</summary>
    public long DetachedFromScopeCount { get; private set; }

    /// <summary>Created less disposed.</summary>
    public long ThreadTotalLiveCount =>
        CreatedOutsideScopeCount + CreatedInScopeCount - DisposedInScopeCount - DisposedOutsideScopeCount;

    /// <summary>Starts all counts at zero again.</summary>
    public void Reset() => CreatedOutsideScopeCount = CreatedInScopeCount = DisposedInScopeCount =
        DisposedOutsideScopeCount = AttachedToScopeCount = DetachedFromScopeCount = 0;

    internal void Created(bool inScope)
    {
        if (inScope) CreatedInScopeCount++;
        else CreatedOutsideScopeCount++;
    }

    internal void Disposed(bool inScope)
    {
        if (inScope) DisposedInScopeCount++;
        else DisposedOutsideScopeCount++;
    }

    internal void Attached() => AttachedToScopeCount++;

    internal void Detached() => DetachedFromScopeCount++;
}
