using static S3L.Torch.Tests.StoredValues;

namespace S3L.Torch.Tests.Optim;

/// <summary>Five steps with stored gradients; the second parameter has none in the first two.</summary>
internal static class Trail
{
    internal static void AssertEquals(string name, Func<Parameter[], torch.optim.Optimizer> make)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Parameter[] parameters = [.. Enumerable.Range(0, 2).Select(i => new Parameter(Stored($"{name}.parameter.{i}")))];
        using torch.optim.Optimizer optimizer = make(parameters);

        for (int step = 0; step < 5; step++)
        {
            parameters[0].grad = Stored($"{name}.gradient.0.{step}");
            parameters[1].grad = step < 2 ? null : Stored($"{name}.gradient.1.{step}");
            Assert.Null(optimizer.step());
            for (int i = 0; i < 2; i++)
            {
                TensorValues.AssertClose(Stored($"{name}.trail.{i}").select(0, step), parameters[i].detach(), Tolerance);
            }
        }

        foreach (Parameter parameter in parameters) parameter.Dispose();
    }
}
