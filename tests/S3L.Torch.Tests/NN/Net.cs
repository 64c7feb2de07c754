namespace S3L.Torch.Tests.NN;

/// <summary>A module with a parameter, two buffers and parts of its own; [N, 2] → [N, 1].</summary>
internal sealed class Net : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    internal Net() : base(nameof(Net))
    {
        using torch.Tensor one = torch.ones([1]);
        Scale = new Parameter(one);
        register_module("first", First);
        register_module("norm", Norm);
        register_module("last", Last);
        register_buffer("seen", torch.zeros([], torch.int64));
        register_buffer("scratch", torch.zeros([2]), persistent: false);
        register_parameter("scale", Scale);
    }

    internal Parameter Scale { get; }

    internal Linear First { get; } = torch.nn.Linear(2, 3);

    internal BatchNorm1d Norm { get; } = torch.nn.BatchNorm1d(3);

    internal Sequential Last { get; } = torch.nn.Sequential(torch.nn.Linear(3, 1, hasBias: false), torch.nn.ReLU());

    public override torch.Tensor forward(torch.Tensor input) => Last.call(Norm.call(First.call(input))) * Scale;
}
