using System.Reflection;

namespace S3L.Torch.Tests.Interop;

public sealed class OperatorTests
{
    [Fact]
    public void Every_operator_in_use_is_known_to_libtorch()
    {
        Operator[] all =
        [
            .. typeof(Operators).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Where(f => f.FieldType == typeof(Operator))
                .Select(f => (Operator)f.GetValue(null)!),
        ];

        Assert.NotEmpty(all);
        Assert.All(all, op =>
        {
            string[] parts = op.Name.Split('.');
            Status.Check(Native.s3l_operator_find(parts[0], parts.Length > 1 ? parts[1] : "", out nint found), op.Name);
            Assert.NotEqual(0, found);
        });
    }

    [Fact]
    public void An_unknown_operator_is_named()
    {
        var unknown = new Operator("aten::no_such_operator", "Tensor");

        TorchException thrown = Assert.Throws<TorchException>(() => unknown.Call());

        Assert.Equal("aten::no_such_operator.Tensor", thrown.Operation);
        Assert.StartsWith("aten::no_such_operator.Tensor: ", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("Could not find schema for aten::no_such_operator.Tensor", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_of_the_wrong_kind_are_refused()
    {
        using torch.Tensor tensor = torch.ones([2]);

        Assert.ThrowsAny<TorchException>(() => Operators.unsqueeze.Call(tensor, tensor));
        Assert.ThrowsAny<TorchException>(() => Operators.unsqueeze.Call(tensor));
    }

    [Fact]
    public void A_failed_call_keeps_no_reference_to_its_arguments()
    {
        torch.Tensor first = torch.ones([2]);
        torch.Tensor second = torch.ones([3]);
        long before = torch.Tensor.TotalCount;
        Assert.Throws<TorchException>(() => first.add(second));

        first.Dispose();
        second.Dispose();

        Assert.Equal(before - 2, torch.Tensor.TotalCount);
    }

    [Fact]
    public void A_list_with_a_disposed_tensor_keeps_no_reference_to_the_others()
    {
        torch.Tensor first = torch.ones([2]);
        torch.Tensor second = torch.ones([2]);
        second.Dispose();
        long before = torch.Tensor.TotalCount;
        Assert.Throws<ObjectDisposedException>(() => torch.cat([first, second]));

        first.Dispose();

        Assert.Equal(before - 1, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Lists_longer_than_the_stack_buffer_arrive_whole()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] parts = [.. Enumerable.Range(0, 500).Select(i => torch.tensor((float)i))];

        torch.Tensor joined = torch.stack(parts);

        Assert.Equal(Enumerable.Range(0, 500).Select(i => (float)i), joined.Floats());
    }

    [Fact]
    public void Strings_reach_the_operator()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor tensor = torch.tensor(new[] { -7f, 7f });

        Assert.Equal([-3f, 3f], tensor.div(2, torch.RoundingMode.trunc).Floats());
        Assert.Equal([-4f, 3f], tensor.div(2, torch.RoundingMode.floor).Floats());
        TorchException thrown = Assert.Throws<TorchException>(() => Operators.div_Scalar_mode.Call(tensor, 2.0, "nonsense"));
        Assert.Contains("nonsense", thrown.Message, StringComparison.Ordinal);
    }
}
