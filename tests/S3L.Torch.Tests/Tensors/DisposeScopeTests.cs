namespace S3L.Torch.Tests.Tensors;

public sealed class DisposeScopeTests
{
    [Fact]
    public void A_scope_disposes_what_was_created_in_it()
    {
        long before = torch.Tensor.TotalCount;
        torch.Tensor outside = torch.ones([1]);
        torch.Tensor inside, sum;

        using (DisposeScope scope = torch.NewDisposeScope())
        {
            inside = torch.ones([1]);
            sum = inside + outside;
            Assert.Equal(2, scope.DisposablesCount);
            Assert.True(scope.Contains(sum));
            Assert.False(scope.Contains(outside));
        }

        Assert.True(inside.IsInvalid && sum.IsInvalid);
        Assert.False(outside.IsInvalid);
        outside.Dispose();
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Scopes_nest()
    {
        using DisposeScope outer = torch.NewDisposeScope();
        torch.Tensor first = torch.ones([1]);
        torch.Tensor second;
        using (DisposeScope inner = torch.NewDisposeScope()) second = torch.ones([1]);
        torch.Tensor third = torch.ones([1]);

        Assert.Equal((false, true, false), (first.IsInvalid, second.IsInvalid, third.IsInvalid));
        Assert.True(outer.Contains(first) && outer.Contains(third));
    }

    [Fact]
    public void What_is_moved_out_lives_as_long_as_the_outer_scope()
    {
        torch.Tensor moved, movedByScope;
        using (DisposeScope outer = torch.NewDisposeScope())
        {
            using (DisposeScope inner = torch.NewDisposeScope())
            {
                moved = torch.ones([1]).MoveToOuterDisposeScope();
                movedByScope = inner.MoveToOuter(torch.ones([1]));
            }

            Assert.False(moved.IsInvalid || movedByScope.IsInvalid);
            Assert.True(outer.Contains(moved) && outer.Contains(movedByScope));
        }

        Assert.True(moved.IsInvalid && movedByScope.IsInvalid);
    }

    [Fact]
    public void What_is_moved_out_of_the_outermost_scope_belongs_to_its_owner()
    {
        torch.Tensor moved;
        using (DisposeScope scope = torch.NewDisposeScope()) moved = torch.ones([1]).MoveToOuterDisposeScope();

        Assert.False(moved.IsInvalid);
        moved.Dispose();
    }

    [Fact]
    public void What_is_detached_outlives_all_scopes()
    {
        torch.Tensor detached, detachedByScope;
        using (DisposeScope outer = torch.NewDisposeScope())
        using (DisposeScope inner = torch.NewDisposeScope())
        {
            detached = torch.ones([1]).DetachFromDisposeScope();
            detachedByScope = inner.Detach(torch.ones([1]));
        }

        Assert.False(detached.IsInvalid || detachedByScope.IsInvalid);
        detached.Dispose();
        detachedByScope.Dispose();
    }

    [Fact]
    public void What_is_attached_is_disposed_with_its_new_scope()
    {
        torch.Tensor free = torch.ones([1]);
        torch.Tensor attached;
        using (DisposeScope outer = torch.NewDisposeScope())
        {
            using (DisposeScope inner = torch.NewDisposeScope())
            {
                attached = torch.ones([1]);
                outer.Attach(attached);
                outer.Attach(attached);
                Assert.False(inner.Contains(attached));
            }

            outer.Attach(free);
            Assert.False(attached.IsInvalid);
            Assert.Equal(2, outer.DisposablesCount);
        }

        Assert.True(attached.IsInvalid && free.IsInvalid);
        Assert.Throws<ArgumentNullException>(() => AttachNothing());
    }

    [Fact]
    public void Other_disposables_can_be_held_too()
    {
        using var stream = new MemoryStream();
        using (DisposeScope scope = torch.NewDisposeScope()) scope.Attach(stream);

        Assert.False(stream.CanRead);
    }

    [Fact]
    public void Disposing_the_outer_scope_ends_the_inner_one()
    {
        DisposeScope outer = torch.NewDisposeScope();
        DisposeScope inner = torch.NewDisposeScope();
        torch.Tensor inInner = torch.ones([1]);

        outer.Dispose();
        torch.Tensor after = torch.ones([1]);

        Assert.True(inInner.IsInvalid);
        Assert.False(inner.Contains(after) || outer.Contains(after));
        inner.Dispose();
        Assert.False(after.IsInvalid);
        after.Dispose();
    }

    [Fact]
    public void An_exception_leaves_nothing_behind()
    {
        long before = torch.Tensor.TotalCount;

        Assert.Throws<TorchException>((Action)(() =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.ones([2, 3]).mm(torch.ones([2, 3]));
        }));
        using torch.Tensor after = torch.ones([1]);

        Assert.Equal(before + 1, torch.Tensor.TotalCount);
        Assert.Null(after.OwningScope);
    }

    [Fact]
    public void A_tensor_that_is_disposed_by_hand_leaves_its_scope()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor tensor = torch.ones([1]);

        tensor.Dispose();
        tensor.Dispose();

        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Everything_can_be_disposed_while_the_scope_goes_on()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor first = torch.ones([1]);

        scope.DisposeEverything();
        torch.Tensor second = torch.ones([1]);

        Assert.True(first.IsInvalid);
        Assert.True(scope.Contains(second));
    }

    [Fact]
    public void A_scope_holds_for_its_thread_only()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor? elsewhere = null;
        var thread = new Thread(() => elsewhere = torch.ones([1]));
        thread.Start();
        thread.Join();

        Assert.False(scope.Contains(elsewhere!));
        elsewhere!.Dispose();
    }

    private static void AttachNothing()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        scope.Attach(null!);
    }
}
