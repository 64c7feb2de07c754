namespace S3L.Torch.Tests.Tensors;

public sealed class TensorAutogradTests
{
    // Single precision, a handful of operations: a few units in the last place (2⁻²³).
    private const double Tolerance = 1e-6;

    [Fact]
    public void Gradients_match_their_closed_form()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        float[] x = [-1.5f, -0.5f, 0.5f, 2f];
        (Func<torch.Tensor, torch.Tensor> Function, Func<double, double> Derivative)[] cases =
        [
            (t => t.square(), v => 2 * v), (t => t.exp(), Math.Exp), (t => t.sin(), Math.Cos), (t => t.sigmoid(), v => Sigmoid(v) * (1 - Sigmoid(v))),
            (t => t * t * t, v => 3 * v * v), (t => 1 / t, v => -1 / (v * v)), (t => t.abs(), v => Math.Sign(v)),
            (t => torch.nn.functional.relu(t), v => v > 0 ? 1 : 0),
            (t => (3 - t) * 2, _ => -2), (t => t.square().sqrt(), v => Math.Sign(v)),
        ];

        Assert.All(cases, c =>
        {
            torch.Tensor leaf = torch.tensor(x, requires_grad: true);
            c.Function(leaf).sum().backward();
            TensorValues.AssertClose([.. x.Select(v => c.Derivative(v))], leaf.grad!.Doubles(), Tolerance);
        });
    }

    [Fact]
    public void The_gradient_of_a_product_of_matrices_is_that_of_the_textbook()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = torch.randn(3, 4, requires_grad: true), b = torch.randn(4, 2, requires_grad: true), weights = torch.randn(3, 2);

        a.mm(b).backward([weights]);

        TensorValues.AssertClose(weights.mm(b.detach().t()), a.grad!, Tolerance);
        TensorValues.AssertClose(a.detach().t().mm(weights), b.grad!, Tolerance);
    }

    [Fact]
    public void Gradients_add_up_until_they_are_dropped()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor leaf = torch.tensor(new[] { 3f }, requires_grad: true);
        Assert.Null(leaf.grad);

        leaf.square().backward();
        leaf.square().backward();
        Assert.Equal(12f, leaf.grad!.item<float>());

        leaf.grad = null;
        Assert.Null(leaf.grad);
        leaf.square().backward();
        Assert.Equal(6f, leaf.grad!.item<float>());
    }

    [Fact]
    public void A_gradient_can_be_set_and_is_shared()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor leaf = torch.zeros([2], requires_grad: true);

        leaf.grad = torch.ones([2]);
        leaf.grad!.mul_(3);

        Assert.Equal([3f, 3f], leaf.grad!.Floats());
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => leaf.grad = torch.ones([5]));
        Assert.Equal("value must have type and shape of the tensor, Float32[2] cpu, but is Float32[5] cpu. (Parameter 'value')", thrown.Message);
        Assert.Throws<ArgumentException>(() => leaf.grad = torch.ones([2], torch.float64));
    }

    [Fact]
    public void A_kept_graph_can_be_used_again()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor leaf = torch.tensor(new[] { 3f }, requires_grad: true);
        torch.Tensor loss = leaf.square();

        loss.backward(retain_graph: true);
        loss.backward();

        Assert.Equal(12f, leaf.grad!.item<float>());
    }

    [Fact]
    public void A_created_graph_gives_second_derivatives()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor leaf = torch.tensor(new[] { 2f }, requires_grad: true);
        leaf.pow(3).backward(create_graph: true);
        torch.Tensor first = leaf.grad!;
        // The gradient is part of the graph that it belongs to: this cuts the circle.
        leaf.grad = null;

        first.backward();

        Assert.Equal(12f, first.item<float>());
        Assert.Equal(12f, leaf.grad!.item<float>());
        leaf.grad = null;
    }

    [Fact]
    public void Restrictions_that_are_not_supported_are_refused()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor leaf = torch.ones([1], requires_grad: true);

        Assert.Equal("inputs must be null: restricting the leaves is not supported. (Parameter 'inputs')",
            Assert.Throws<ArgumentException>(() => leaf.square().backward(inputs: [leaf])).Message);
        Assert.Equal("grad_tensors must hold at most one tensor, but holds 2. (Parameter 'grad_tensors')",
            Assert.Throws<ArgumentException>(() => leaf.square().backward([leaf, leaf])).Message);
    }

    [Fact]
    public void Nothing_is_recorded_inside_no_grad_and_enable_grad_turns_it_on_again()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor leaf = torch.ones([1], requires_grad: true);

        Assert.True(torch.is_grad_enabled());
        using (torch.no_grad())
        {
            Assert.False(torch.is_grad_enabled());
            Assert.False(leaf.square().requires_grad);
            leaf.add_(1);
            using (torch.enable_grad())
            {
                Assert.True(leaf.square().requires_grad);
                using (torch.enable_grad(false)) Assert.False(leaf.square().requires_grad);
            }

            Assert.False(torch.is_grad_enabled());
        }

        Assert.True(torch.is_grad_enabled());
        Assert.Equal(2f, leaf.detach().item<float>());
    }

    [Fact]
    public void No_grad_ends_with_an_exception_and_holds_for_its_thread_only()
    {
        bool? elsewhere = null;

        Assert.Throws<InvalidOperationException>((Action)(() =>
        {
            using IDisposable mode = torch.no_grad();
            var thread = new Thread(() => elsewhere = torch.is_grad_enabled());
            thread.Start();
            thread.Join();
            throw new InvalidOperationException();
        }));

        Assert.True(elsewhere);
        Assert.True(torch.is_grad_enabled());
    }

    [Fact]
    public void Leaves_are_what_no_recorded_operation_made()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor leaf = torch.ones([1], requires_grad: true);

        Assert.True(leaf.is_leaf);
        Assert.True(torch.ones([1]).square().is_leaf);
        Assert.False(leaf.square().is_leaf);
        Assert.False(leaf.requires_grad_(false).square().requires_grad);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
