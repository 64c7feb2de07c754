namespace S3L.Torch.Tests.Tensors;

public sealed class GeneratorTests
{
    [Fact]
    public void The_same_seed_gives_the_same_numbers()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.Generator first = new(7), second = new(7), third = new(8);

        float[] numbers = torch.randn([10], generator: first).Floats();

        Assert.Equal(numbers, torch.randn([10], generator: second).Floats());
        Assert.NotEqual(numbers, torch.randn([10], generator: third).Floats());
        Assert.NotEqual(numbers, torch.randn([10], generator: first).Floats());
        Assert.Equal(numbers, torch.randn([10], generator: first.manual_seed(7)).Floats());
    }

    [Fact]
    public void A_saved_state_goes_on_where_it_was()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.Generator generator = new(7);
        torch.randn([3], generator: generator);
        torch.Tensor state = generator.get_state();
        float[] next = torch.randn([5], generator: generator).Floats();

        generator.set_state(state);

        Assert.Equal(next, torch.randn([5], generator: generator).Floats());
        Assert.Equal(torch.uint8, state.dtype);
        using torch.Generator other = new(1);
        other.set_state(state);
        Assert.Equal(next, torch.randn([5], generator: other).Floats());
    }

    [Fact]
    public void Each_device_has_a_generator_that_is_found_by_the_device()
    {
        using torch.Generator processors = torch.Generator.DefaultOf(torch.CPU);
        Assert.Equal(DeviceType.CPU, processors.device.type);
        Assert.Equal("device", Assert.Throws<ArgumentNullException>(() => torch.Generator.DefaultOf(null!)).ParamName);
        if (torch.cuda.is_available()) torch.Generator.DefaultOf(torch.CUDA).Dispose();
        else Assert.Throws<TorchException>(() => torch.Generator.DefaultOf(torch.CUDA));
    }

    [Fact]
    public void A_state_of_another_form_is_refused()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.Generator generator = new(7);

        Assert.ThrowsAny<TorchException>(() => generator.set_state(torch.zeros([3], torch.uint8)));
        Assert.Throws<ArgumentNullException>(() => generator.set_state(null!));
    }

    [Fact]
    public void Seeding_everything_seeds_the_default_generator()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.Generator own = new(11);

        using torch.Generator seeded = torch.manual_seed(11);
        float[] numbers = torch.rand([5]).Floats();
        using torch.Generator again = torch.manual_seed(11);

        Assert.Equal(numbers, torch.rand([5], generator: torch.Generator.Default).Floats());
        Assert.Equal(numbers, torch.rand([5], generator: own).Floats());
    }

    [Fact]
    public void The_default_generator_can_be_saved_and_restored()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.Generator shared = torch.Generator.Default;
        torch.Tensor state = shared.get_state();
        long[] order = torch.randperm(20).Longs();

        shared.set_state(state);

        Assert.Equal(order, torch.randperm(20).Longs());
    }

    [Fact]
    public void A_disposed_generator_is_refused()
    {
        torch.Generator generator = new(1);
        generator.Dispose();

        Assert.Throws<ObjectDisposedException>(() => torch.rand([1], generator: generator));
        Assert.Throws<ObjectDisposedException>(() => generator.get_state());
        Assert.Equal(DeviceType.CPU, generator.device.type);
    }
}
