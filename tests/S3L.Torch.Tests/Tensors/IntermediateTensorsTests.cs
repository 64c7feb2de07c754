namespace S3L.Torch.Tests.Tensors;

/// <summary>Without a scope, a call leaves its result and nothing else: what it makes on the way it disposes itself.</summary>
public sealed class IntermediateTensorsTests
{
    public static TheoryData<string> Names => [.. Calls.Keys];

    private static Dictionary<string, Func<torch.Tensor, torch.Tensor>> Calls { get; } = new()
    {
        ["std with a type"] = t => t.std(0L, type: torch.float64),
        ["var with a type"] = t => t.var([0], type: torch.float64),
        ["number / tensor"] = t => 2.0 / t,
        ["number - tensor"] = t => 2 - t,
        ["normalize"] = t => torch.nn.functional.normalize(t),
        ["clamp"] = t => t.clamp(0, 1),
        ["to"] = t => t.to(torch.float64, torch.CPU),
        ["cpu"] = t => t.cpu(),
        ["stack"] = t => torch.stack([t, t]),
        ["array with a type"] = _ => torch.tensor(new[] { 1f }, torch.float64),
        ["in place"] = t => t.add_(1).mul_(2).clone(),
        ["largest with places"] = t =>
        {
            (torch.Tensor values, torch.Tensor indexes) = t.max(0);
            values.Dispose();
            return indexes;
        },
        ["list"] = t =>
        {
            torch.Tensor[] parts = t.split(1);
            foreach (torch.Tensor part in parts[1..]) part.Dispose();
            return parts[0];
        },
    };

    [Theory, MemberData(nameof(Names))]
    public void Only_the_result_remains(string name)
    {
        using torch.Tensor input = torch.full([2, 3], 0.5);
        long before = torch.Tensor.TotalCount;

        using (torch.Tensor result = Calls[name](input)) Assert.Equal(before + 1, torch.Tensor.TotalCount);

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Reading_numbers_leaves_nothing()
    {
        using torch.Tensor input = torch.full([1], 0.5);
        long before = torch.Tensor.TotalCount;

        _ = (input.ToSingle(), input.ToDouble(), input.ToInt64(), input.ToBoolean(), input.item<float>(), input.shape, input.ToString());

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Results_that_go_into_a_tensor_leave_nothing()
    {
        using torch.Tensor input = torch.ones([2, 3]), target = torch.zeros([2]);
        long before = torch.Tensor.TotalCount;

        Assert.Same(target, input.amax([1], @out: target));
        Assert.Same(target, input.amin([1], @out: target));

        Assert.Equal(before, torch.Tensor.TotalCount);
    }
}
