using S3L.Core.Methods;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

/// <summary>What every method promises.</summary>
public sealed partial class ContrastiveMethodTests
{
    public static TheoryData<string> Names => KnownMethods.NamesOfAllVariants;

    public static TheoryData<string, string> NamesAndDevices
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string device in new[] { "cpu", "cuda" })
            {
                foreach (TheoryDataRow<string> name in Names) rows.Add(name.Data, device);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Says_its_name(string name)
    {
        using IContrastiveMethod method = KnownMethods.Create(name);
        Assert.Equal(name.Split('-')[0], method.Name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Computes_a_loss_with_gradient_and_embeddings_without(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IContrastiveMethod method = KnownMethods.Create(name);
        MethodOutput output = method.Forward(KnownMethods.Views(method, 5), KnownMethods.Indices(5));
        Assert.Empty(output.Loss.shape);
        Assert.Equal(torch.float32, output.Loss.dtype);
        Assert.True(output.Loss.requires_grad && output.Loss.isfinite().ToBoolean());
        Assert.Equal(2, output.Embeddings.ndim);
        Assert.Equal(5, output.Embeddings.size(0));
        Assert.Equal(output.Embeddings.shape, output.Positives!.shape);
        Assert.False(output.Embeddings.requires_grad || output.Positives.requires_grad);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Trains_exactly_what_requires_gradients(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IContrastiveMethod method = KnownMethods.Create(name);
        method.Forward(KnownMethods.Views(method, 6), KnownMethods.Indices(6)).Loss.backward();
        Assert.All(method.State.named_parameters(), p => Assert.Equal(p.parameter.requires_grad, p.parameter.grad is not null));
        Assert.All(method.Backbone.Network.parameters(), p => Assert.True(p.requires_grad));
        Assert.All(method.State.buffers(), b => Assert.False(b.requires_grad));
        Assert.All(method.State.buffers(), b => Assert.Null(b.grad));
        var trained = method.State.parameters().Where(p => p.requires_grad).ToHashSet();
        Assert.All(method.ConstantRateParameters, p => Assert.Contains(p, trained));

        // A gradient of nothing would be there and train nothing.
        IEnumerable<IGrouping<string, (string Name, double[] Gradient)>> parts = method.State.named_parameters()
            .Where(p => p.parameter.requires_grad).Select(p => (p.name, p.parameter.grad!.Doubles())).GroupBy(p => p.name.Split('.')[0]);
        Assert.All(parts, part => Assert.Contains(part.SelectMany(p => p.Gradient), g => g != 0));
        Assert.All(parts.SelectMany(p => p).SelectMany(p => p.Gradient), g => Assert.True(double.IsFinite(g)));
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
        double before = Loss(one);
        Assert.NotEqual(before, Loss(other));
        other.State.load_state_dict(one.State.state_dict());
        Assert.Equal(Loss(one), Loss(other));

        double Loss(IContrastiveMethod method)
        {
            torch.manual_seed(5).Dispose();
            return method.Forward(KnownMethods.Views(method, 4), KnownMethods.Indices(4)).Loss.ToDouble();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_seed_builds_the_same_method(string name)
    {
        using IContrastiveMethod one = KnownMethods.Create(name), other = KnownMethods.Create(name);
        AssertSameState(one, other);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_copy_of_its_state_trains_on_bit_for_bit(string name)
    {
        using IContrastiveMethod one = KnownMethods.Create(name, seed: 1), other = KnownMethods.CreateUnbegun(name, seed: 2);
        using SGD oneUpdate = Update(one), otherUpdate = Update(other);
        for (int step = 0; step < 3; step++) Step(one, oneUpdate, step);
        other.Begin(new TrainingRun(KnownMethods.ImageCount, 50, torch.CPU) { IsResumed = true, EveryImage = NotPassed() });
        other.State.load_state_dict(one.State.state_dict());
        for (int step = 3; step < 6; step++) Assert.Equal(Step(one, oneUpdate, step), Step(other, otherUpdate, step));
        AssertSameState(one, other);

        static IEnumerable<(torch.Tensor Images, torch.Tensor Indices)> NotPassed()
        {
            Assert.Fail("A resumed method needs no pass over the images.");
            yield break;
        }
    }

    [Theory]
    [InlineData("simclr", false)]
    [InlineData("simsiam", false)]
    [InlineData("byol", false)]
    [InlineData("mocov2-symmetric", false)]
    [InlineData("mocov1", true)]
    [InlineData("mocov2", true)]
    [InlineData("mocov2-groups", true)]
    public void Exchanging_the_views_matters_only_where_one_of_them_asks_and_the_other_answers(string name, bool matters)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IContrastiveMethod one = KnownMethods.Create(name), other = KnownMethods.Create(name);
        torch.Tensor[] views = KnownMethods.Views(one, 6);
        double loss = one.Forward(views, KnownMethods.Indices(6)).Loss.ToDouble();
        double exchanged = other.Forward([views[1], views[0]], KnownMethods.Indices(6)).Loss.ToDouble();
        // The same float32 sums in another order; measured 0, and 1.6e-4 at least where it matters.
        if (!matters) Assert.Equal(loss, exchanged, 1e-6);
        else Assert.True(Math.Abs(loss - exchanged) > 1e-4);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_least_batch_is_a_batch_and_so_are_odd_ones(string name)
    {
        using IContrastiveMethod method = KnownMethods.Create(name);
        using SGD update = Update(method);
        int least = KnownMethods.LeastBatch(name);
        int[] sizes = [least, least, least + 1, 5, 12, least];
        for (int step = 0; step < sizes.Length; step++) Assert.True(double.IsFinite(Step(method, update, step, sizes[step])));
    }

    [Theory]
    [MemberData(nameof(NamesAndDevices))]
    public void Trains_on_the_device_where_it_is(string name, string device)
    {
        Assert.SkipUnless(device == "cpu" || torch.cuda.is_available(), "There is no CUDA device.");
        torch.Device place = torch.device(device);
        using IContrastiveMethod method = KnownMethods.Create(name, device: place);
        using SGD update = Update(method);
        for (int step = 0; step < 3; step++) Assert.True(double.IsFinite(Step(method, update, step, device: place)));
        Assert.All(method.State.state_dict(), e => Assert.Equal(place.type, e.Value.device_type));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Beginning_again_keeps_names_and_sizes(string name)
    {
        using IContrastiveMethod method = KnownMethods.Create(name);
        using SGD update = Update(method);
        Step(method, update, 0);
        string[] before = Sizes();
        long live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        method.Begin(KnownMethods.Run());
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(before, Sizes());
        Assert.True(double.IsFinite(Step(method, update, 1)));

        string[] Sizes() => [.. method.State.state_dict().Select(e => $"{e.Key} {string.Join("x", e.Value.shape)}")];
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Leaves_nothing_but_its_output(string name)
    {
        using IContrastiveMethod method = KnownMethods.Create(name);
        torch.Tensor[] views = KnownMethods.Views(method, 4);
        using torch.Tensor indices = KnownMethods.Indices(4);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (DisposeScope scope = torch.NewDisposeScope())
        {
            MethodOutput output = method.Forward(views, indices);
            // What a method keeps until after the step is not in a scope of the caller's.
            Assert.Equal(output.Positives is null ? 2 : 3, scope.DisposablesCount);
        }

        using (torch.no_grad()) KnownMethods.EndStep(method, KnownMethods.Position(0, 12));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        foreach (torch.Tensor view in views) view.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Refuses_another_number_of_views_and_views_of_different_shapes(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IContrastiveMethod method = KnownMethods.Create(name);
        torch.Tensor[] views = KnownMethods.Views(method, 4);
        torch.Tensor indices = KnownMethods.Indices(4);
        Assert.Equal($"views must hold {method.ViewCount} tensors, but holds 0. (Parameter 'views')",
            Assert.Throws<ArgumentException>(() => method.Forward([], indices)).Message);
        Assert.Equal($"views must hold {method.ViewCount} tensors, but holds {method.ViewCount + 1}. (Parameter 'views')",
            Assert.Throws<ArgumentException>(() => method.Forward([.. views, views[0]], indices)).Message);
        Assert.Equal("views", Assert.Throws<ArgumentNullException>(() => method.Forward(null!, indices)).ParamName);
        if (method.ViewCount < 2) return;
        views[1] = views[1].narrow(0, 0, 3);
        Assert.Equal("views[1] must have the shape of views[0], [4, 3, 8, 8], but is [3, 3, 8, 8]. (Parameter 'views[1]')",
            Assert.Throws<ArgumentException>(() => method.Forward(views, indices)).Message);
    }

    private static SGD Update(IContrastiveMethod method) =>
        torch.optim.SGD(method.State.parameters().Where(p => p.requires_grad), 0.05);

    /// <summary>A step as the trainer makes it, whose pictures and draws follow from its number; gives the loss.</summary>
    private static double Step(IContrastiveMethod method, torch.optim.Optimizer update, int step, int count = 6, torch.Device? device = null,
        Func<IDisposable>? precision = null)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Device place = device ?? torch.CPU;
        torch.Tensor[] views = [.. KnownMethods.Views(method, count, $" of {step}").Select(v => v.to(place))];
        torch.Tensor indices = KnownMethods.Indices(count, 5 * step).to(place);
        torch.manual_seed(100 + step).Dispose();
        torch.Tensor loss;
        using (precision?.Invoke()) loss = method.Forward(views, indices).Loss;
        Assert.Equal(torch.float32, loss.dtype);
        update.zero_grad();
        loss.backward();
        update.step();
        using (torch.no_grad()) KnownMethods.EndStep(method, KnownMethods.Position(step, 50));
        return loss.ToDouble();
    }

    private static void AssertSameState(IContrastiveMethod one, IContrastiveMethod other)
    {
        Dictionary<string, torch.Tensor> state = other.State.state_dict();
        Assert.Equal(one.State.state_dict().Keys, state.Keys);
        Assert.All(one.State.state_dict(), entry => Assert.Equal(entry.Value.Doubles(), state[entry.Key].Doubles()));
    }
}
