namespace S3L.Torch.Tests.Tensors;

public sealed class TensorCopiesTests
{
    [Fact]
    public void A_clone_has_memory_of_its_own_and_a_detached_tensor_has_not()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor source = torch.ones([2]);
        torch.Tensor clone = source.clone(), detached = source.detach();

        source.fill_(5);

        Assert.Equal([1f, 1f], clone.Floats());
        Assert.Equal([5f, 5f], detached.Floats());
    }

    [Fact]
    public void A_detached_tensor_is_not_recorded()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor leaf = torch.ones([2], requires_grad: true);

        Assert.True(leaf.square().requires_grad);
        Assert.False(leaf.square().detach().requires_grad);
        Assert.True(leaf.clone().requires_grad);
    }

    [Fact]
    public void Contiguous_copies_only_where_it_must()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor source = torch.arange(6).view(2, 3);

        source.contiguous().zero_();
        Assert.Equal([0L, 0L, 0L, 0L, 0L, 0L], source.Longs());
        torch.Tensor turned = source.t();
        Assert.False(turned.is_contiguous());
        turned.contiguous().fill_(1);
        Assert.Equal(0, source.sum().ToInt64());
    }

    [Fact]
    public void Conversions_round_towards_zero_and_to_nearest()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor source = torch.tensor(new[] { -1.7f, 0f, 2.9f });

        Assert.Equal([-1L, 0L, 2L], source.to(torch.int64).Longs());
        Assert.Equal([true, false, true], source.to(torch.@bool).Bools());
        // 1 + 2⁻⁸ lies between two bfloat16 numbers, 1 and 1 + 2⁻⁷; the even one is 1.
        Assert.Equal(1.0, torch.tensor(1.00390625f).bfloat16().ToDouble());
        Assert.Equal(torch.float32, source.bfloat16().@float().dtype);
    }

    [Fact]
    public void To_the_same_type_shares_memory_unless_a_copy_is_asked_for()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor source = torch.zeros([1]);

        source.to(torch.float32).fill_(1);
        source.to(torch.CPU).add_(1);
        source.cpu().add_(1);
        source.to(torch.float32, copy: true).fill_(9);
        source.to(torch.float32, torch.CPU, copy: true).fill_(9);

        Assert.Equal(3f, source.item<float>());
    }

    [Fact]
    public void Pinned_memory_holds_the_same_and_needs_CUDA()
    {
        using torch.Tensor source = torch.arange(3);
        if (!torch.cuda.is_available())
        {
            Assert.Throws<TorchException>(() => source.pin_memory());
            return;
        }

        using torch.Tensor pinned = source.pin_memory();
        pinned.add_(1);
        Assert.Equal([0L, 1L, 2L], source.Longs());
        Assert.Equal([1L, 2L, 3L], pinned.Longs());
    }

    [Fact]
    public void To_can_dispose_its_source()
    {
        torch.Tensor source = torch.zeros([1]);

        using torch.Tensor target = source.to(torch.float64, disposeAfter: true);

        Assert.True(source.IsInvalid);
        Assert.Equal(0.0, target.item<double>());
    }

    [Fact]
    public void Copying_in_place_converts_and_broadcasts()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor target = torch.zeros([2, 2]);

        torch.Tensor same = target.copy_(torch.tensor(new[] { 1L, 2L }));

        Assert.Same(target, same);
        Assert.Equal([1f, 2f, 1f, 2f], target.Floats());
    }

    [Fact]
    public void Likes_take_shape_and_type_of_the_original_unless_told_otherwise()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor source = torch.full([2, 1], 7, torch.float64);

        Assert.Equal([0.0, 0.0], source.zeros_like().Doubles());
        Assert.Equal(torch.float64, source.ones_like().dtype);
        Assert.Equal((torch.int64, 2L), (source.ones_like(torch.int64).dtype, source.ones_like(torch.int64).sum().ToInt64()));
        Assert.True(source.zeros_like(requires_grad: true).requires_grad);
    }

    [Fact]
    public void Filling_by_chance_follows_the_generator()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.Generator first = new(1), second = new(1);
        torch.Tensor a = torch.empty([100]), b = torch.empty([100]);

        Assert.Equal(a.normal_(3, 2, first).Floats(), b.normal_(3, 2, second).Floats());
        Assert.Equal(a.uniform_(-1, 1, first).Floats(), b.uniform_(-1, 1, second).Floats());
        Assert.All(a.Floats(), x => Assert.InRange(x, -1f, 1f));
    }

    [Fact]
    public void Coins_fall_with_their_probability_and_from_their_generator()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.Generator generator = new(5);
        torch.Tensor coins = torch.empty([10_000]);

        Assert.Same(coins, coins.bernoulli_(0.3, generator));
        float[] first = coins.Floats();
        Assert.All(first, x => Assert.True(x is 0 or 1));
        // Five standard errors of the share of 10,000 draws.
        Assert.InRange(first.Average(), 0.3 - 0.023, 0.3 + 0.023);
        Assert.Equal(first, coins.bernoulli_(0.3, generator.manual_seed(5)).Floats());
        Assert.NotEqual(first, coins.bernoulli_(0.3, generator).Floats());
        Assert.InRange(coins.bernoulli_(generator: generator).Floats().Average(), 0.475, 0.525);
        Assert.All(coins.bernoulli_(1).Floats(), x => Assert.Equal(1, x));
        Assert.All(coins.to(torch.ScalarType.BFloat16).bernoulli_(0).to(torch.float32).Floats(), x => Assert.Equal(0, x));
    }
}
