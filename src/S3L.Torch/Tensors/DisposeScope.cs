namespace S3L.Torch;

/// <summary>
/// Disposes, at its end, every tensor that was created on this thread since its start, except those moved out.
/// Made by <see cref="torch.NewDisposeScope"/>; scopes nest.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private readonly HashSet<IDisposable> _members = new(ReferenceEqualityComparer.Instance);
    private readonly DisposeScopeManager _manager;

    internal DisposeScope(DisposeScopeManager manager, DisposeScope? outer)
    {
        _manager = manager;
        Outer = outer;
    }

    /// <summary>How many objects the scope will dispose.</summary>
    public int DisposablesCount => _members.Count;

    internal DisposeScope? Outer { get; }

    /// <summary>Whether the scope will dispose the object.</summary>
    public bool Contains(IDisposable disposable) => _members.Contains(disposable);

    /// <summary>Hands the object to the scope around this one; without one, its owner disposes it.</summary>
    public T MoveToOuter<T>(T disposable) where T : IDisposable
    {
        if (!_members.Remove(disposable)) return disposable;
        if (Outer is null) Released(disposable);
        else Outer.Take(disposable);
        return disposable;
    }

    /// <summary>Takes the object out of the scope: from here on, its owner disposes it.</summary>
    public T Detach<T>(T disposable) where T : IDisposable
    {
        if (_members.Remove(disposable)) Released(disposable);
        return disposable;
    }

    /// <summary>Puts an object that no scope holds into this one.</summary>
    public void Attach(IDisposable disposable)
    {
        ArgumentNullException.ThrowIfNull(disposable);
        if (disposable is torch.Tensor { OwningScope: { } owner })
        {
            if (owner == this) return;
            owner._members.Remove(disposable);
        }
        else
        {
            DisposeScopeManager.Statistics.TensorStatistics.Attached();
        }

        Take(disposable);
    }

    /// <summary>Disposes everything the scope holds; the scope goes on.</summary>
    public void DisposeEverything()
    {
        IDisposable[] members = [.. _members];
        _members.Clear();
        foreach (IDisposable member in members) member.Dispose();
    }

    /// <summary>Disposes everything the scope holds, and ends it together with scopes inside it that were left open.</summary>
    public void Dispose()
    {
        DisposeEverything();
        _manager.Close(this);
    }

    internal void Take(IDisposable disposable)
    {
        _members.Add(disposable);
        if (disposable is torch.Tensor tensor) tensor.OwningScope = this;
    }

    internal void Forget(IDisposable disposable) => _members.Remove(disposable);

    private static void Released(IDisposable disposable)
    {
        if (disposable is not torch.Tensor tensor) return;
        tensor.OwningScope = null;
        DisposeScopeManager.Statistics.TensorStatistics.Detached();
    }
}

public static partial class torch
{
    /// <summary>Starts a scope that disposes the tensors created on this thread until it ends.</summary>
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.Current.Open();
}
