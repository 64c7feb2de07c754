using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

/// <summary>What every method promises.</summary>
public sealed class ContrastiveMethodTests
{
    public static TheoryData<string> Names => KnownMethods.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Says_its_name(string name)
    {
        using IContrastiveMethod method = KnownMethods.Create(name);
        Assert.Equal(name, method.Name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Computes_a_loss_with_gradient_and_embeddings_without(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IContrastiveMethod method = KnownMethods.Create(name);
        MethodOutput output = method.Forward(Views(method, 5), Indices(5));
        Assert.Empty(output.Loss.shape);
        Assert.Equal(torch.float32, output.Loss.dtype);
        Assert.True(output.Loss.requires_grad && output.Loss.isfinite().ToBoolean());
        Assert.Equal(2, output.Embeddings.ndim);
        Assert.Equal(5, output.Embeddings.size(0));
        Assert.False(output.Embeddings.requires_grad);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Trains_exactly_what_requires_gradients(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IContrastiveMethod method = KnownMethods.Create(name);
        method.Forward(Views(method, 6), Indices(6)).Loss.backward();
        Assert.All(method.State.named_parameters(), p => Assert.Equal(p.parameter.requires_grad, p.parameter.grad is not null));
        Assert.All(method.Backbone.Network.parameters(), p => Assert.True(p.requires_grad));
        Assert.All(method.State.buffers(), b => Assert.False(b.requires_grad));
        var trained = method.State.parameters().Where(p => p.requires_grad).ToHashSet();
        Assert.All(method.ConstantRateParameters, p => Assert.Contains(p, trained));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_state_holds_the_backbone_under_its_own_names(string name)
    {
        using IContrastiveMethod method = KnownMethods.Create(name);
        string[] expected = [.. method.Backbone.Network.state_dict().Keys.Select(k => "backbone." + k)];
        Assert.Equal(expected, method.State.state_dict().Keys.Where(k => k.StartsWith("backbone.", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Equal_states_give_equal_losses(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IContrastiveMethod one = KnownMethods.Create(name, seed: 1), other = KnownMethods.Create(name, seed: 2);
        torch.Tensor[] views = Views(one, 4);
        double before = one.Forward(views, Indices(4)).Loss.ToDouble();
        Assert.NotEqual(before, other.Forward(views, Indices(4)).Loss.ToDouble());
        other.State.load_state_dict(one.State.state_dict());
        Assert.Equal(one.Forward(views, Indices(4)).Loss.ToDouble(), other.Forward(views, Indices(4)).Loss.ToDouble());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_seed_builds_the_same_method(string name)
    {
        using IContrastiveMethod one = KnownMethods.Create(name), other = KnownMethods.Create(name);
        Dictionary<string, torch.Tensor> state = other.State.state_dict();
        Assert.All(one.State.state_dict(), entry => Assert.Equal(entry.Value.Doubles(), state[entry.Key].Doubles()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Two_pictures_are_a_batch(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IContrastiveMethod method = KnownMethods.Create(name);
        for (int step = 0; step < 12; step++)
        {
            torch.Tensor loss = method.Forward(Views(method, 2), Indices(2)).Loss;
            loss.backward();
            Assert.True(loss.isfinite().ToBoolean());
            using (torch.no_grad()) method.AfterStep(new TrainingPosition(0, 0, 1, step, 12, step, 12));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Leaves_nothing_but_its_output(string name)
    {
        using IContrastiveMethod method = KnownMethods.Create(name);
        torch.Tensor[] views = Views(method, 3);
        using torch.Tensor indices = Indices(3);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        MethodOutput output = method.Forward(views, indices);
        Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        output.Loss.Dispose();
        output.Embeddings.Dispose();
        foreach (torch.Tensor view in views) view.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Refuses_another_number_of_views_and_views_of_different_shapes(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IContrastiveMethod method = KnownMethods.Create(name);
        torch.Tensor[] views = Views(method, 4);
        Assert.Equal($"views must hold {method.ViewCount} tensors, but holds 0. (Parameter 'views')",
            Assert.Throws<ArgumentException>(() => method.Forward([], Indices(4))).Message);
        Assert.Equal($"views must hold {method.ViewCount} tensors, but holds {method.ViewCount + 1}. (Parameter 'views')",
            Assert.Throws<ArgumentException>(() => method.Forward([.. views, views[0]], Indices(4))).Message);
        Assert.Equal("views", Assert.Throws<ArgumentNullException>(() => method.Forward(null!, Indices(4))).ParamName);
        if (method.ViewCount < 2) return;
        views[1] = views[1].narrow(0, 0, 3);
        Assert.Equal("views[1] must have the shape of views[0], [4, 3, 8, 8], but is [3, 3, 8, 8]. (Parameter 'views[1]')",
            Assert.Throws<ArgumentException>(() => method.Forward(views, Indices(4))).Message);
    }

    private static torch.Tensor[] Views(IContrastiveMethod method, int count) =>
        [.. Enumerable.Range(0, method.ViewCount).Select(v =>
            HashedNumbers.Tensor($"view{v}", count, 3, KnownMethods.Resolution, KnownMethods.Resolution))];

    private static torch.Tensor Indices(int count) => torch.arange(count, torch.int64);
}
