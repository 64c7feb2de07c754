namespace S3L.Torch.Tests.Interop;

public sealed class StatusTests
{
    public static TheoryData<int, Type, string> Thrown => new()
    {
        { 0, typeof(TorchException), "thrown on purpose" },
        { 1, typeof(TorchException), "an exception that is not a std::exception" },
        { 2, typeof(TorchOutOfMemoryException), "bad_alloc" },
        { 3, typeof(TorchIndexException), "thrown on purpose" },
        { 4, typeof(TorchValueException), "thrown on purpose" },
        { 5, typeof(TorchTypeException), "thrown on purpose" },
        { 6, typeof(TorchException), "thrown on purpose" },
    };

    [Theory, MemberData(nameof(Thrown))]
    public void Each_native_exception_becomes_its_own_type_with_operation_and_text(int what, Type type, string text)
    {
        Exception? thrown = Record.Exception(() => Status.Check(Native.s3l_throw(what), "some operation"));

        Assert.IsType(type, thrown);
        Assert.StartsWith("some operation: ", thrown.Message, StringComparison.Ordinal);
        Assert.Contains(text, thrown.Message, StringComparison.Ordinal);
        Assert.Equal("some operation", ((TorchException)thrown).Operation);
    }

    [Fact]
    public void Native_statuses_of_what_is_thrown_are_those_of_the_header() =>
        Assert.Equal([8, 8, 2, 3, 4, 5, 7], Enumerable.Range(0, 7).Select(Native.s3l_throw));

    [Fact]
    public void Shapes_that_do_not_fit_name_the_operation_and_both_shapes()
    {
        using torch.Tensor left = torch.ones([2, 3]);
        using torch.Tensor right = torch.ones([4, 5]);

        TorchException thrown = Assert.Throws<TorchException>(() => left.mm(right));

        Assert.Equal("aten::mm", thrown.Operation);
        Assert.StartsWith("aten::mm: ", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("2x3 and 4x5", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_out_of_range_is_an_index_error()
    {
        using torch.Tensor tensor = torch.ones([2, 3]);

        TorchIndexException thrown = Assert.Throws<TorchIndexException>(() => tensor.select(0, 7));

        Assert.StartsWith("aten::select.int: ", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("index 7 out of range", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dimension_out_of_range_is_an_index_error()
    {
        using torch.Tensor tensor = torch.ones([2, 3]);

        TorchIndexException thrown = Assert.Throws<TorchIndexException>(() => tensor.sum(5L));

        Assert.Contains("Dimension out of range", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Going_backward_twice_is_a_state_error()
    {
        using torch.Tensor leaf = torch.ones([3], requires_grad: true);
        using torch.Tensor squares = leaf.square();
        using torch.Tensor loss = squares.sum();
        loss.backward();

        TorchStateException thrown = Assert.Throws<TorchStateException>(loss.backward);

        Assert.Contains("through the graph a second time", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Going_backward_without_a_record_is_a_state_error()
    {
        using torch.Tensor plain = torch.ones([1]);

        TorchStateException thrown = Assert.Throws<TorchStateException>(plain.backward);

        Assert.Contains("does not require grad", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Going_backward_from_many_elements_is_a_state_error()
    {
        using torch.Tensor leaf = torch.ones([3], requires_grad: true);
        using torch.Tensor squares = leaf.square();

        TorchStateException thrown = Assert.Throws<TorchStateException>(squares.backward);

        Assert.Contains("only for scalar outputs", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changing_a_leaf_in_place_is_a_state_error()
    {
        using torch.Tensor leaf = torch.ones([3], requires_grad: true);

        TorchStateException thrown = Assert.Throws<TorchStateException>(() => leaf.add_(1));

        Assert.StartsWith("aten::add_.Scalar: ", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("leaf Variable that requires grad", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changing_in_place_what_the_gradient_needs_is_a_state_error()
    {
        using torch.Tensor leaf = torch.ones([3], requires_grad: true);
        using torch.Tensor exponentials = leaf.exp();
        using torch.Tensor loss = exponentials.sum();
        exponentials.add_(1);

        TorchStateException thrown = Assert.Throws<TorchStateException>(loss.backward);

        Assert.Contains("modified by an inplace operation", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_in_memory_is_an_out_of_memory_error()
    {
        TorchOutOfMemoryException thrown = Assert.Throws<TorchOutOfMemoryException>(() => torch.empty([1L << 60]));

        Assert.Equal("aten::empty.memory_format", thrown.Operation);
        Assert.Contains((1L << 62).ToString(System.Globalization.CultureInfo.InvariantCulture), thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_tensor_says_so()
    {
        torch.Tensor tensor = torch.ones([3]);
        tensor.Dispose();

        Assert.All<Action>([() => tensor.abs(), () => _ = tensor.shape, () => _ = tensor.bytes, tensor.backward, () => _ = tensor.grad], use =>
        {
            ObjectDisposedException thrown = Assert.Throws<ObjectDisposedException>(use);
            Assert.Contains("MoveToOuterDisposeScope or DetachFromDisposeScope", thrown.Message, StringComparison.Ordinal);
        });
        Assert.True(tensor.IsInvalid);
        Assert.Equal("a disposed tensor", tensor.ToString());
    }

    [Fact]
    public void A_thread_count_of_zero_is_a_value_error()
    {
        TorchValueException thrown = Assert.Throws<TorchValueException>(() => torch.set_num_threads(0));

        Assert.StartsWith("set_num_threads: number of threads must be at least 1, but is 0", thrown.Message, StringComparison.Ordinal);
    }
}
