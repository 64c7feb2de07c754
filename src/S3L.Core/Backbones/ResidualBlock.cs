using System.Globalization;

namespace S3L.Core.Backbones;

/// <summary>relu(x + f(x)) with f of two or three convolutions; a 1×1 convolution adapts x where the shape changes.</summary>
internal sealed class ResidualBlock : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    private readonly List<(Conv2d Convolution, BatchNorm2d Norm)> _path = [];
    private readonly (Conv2d Convolution, BatchNorm2d Norm)? _downsample;

    internal ResidualBlock(ResNetBlock kind, long inputs, long width, long stride) : base(nameof(ResidualBlock))
    {
        OutputChannels = kind == ResNetBlock.Basic ? width : 4 * width;
        if (kind == ResNetBlock.Basic)
        {
            Add(torch.nn.Conv2d(inputs, width, 3, stride, 1, bias: false), width);
            Add(torch.nn.Conv2d(width, width, 3, 1, 1, bias: false), width);
        }
        else
        {
            Add(torch.nn.Conv2d(inputs, width, 1, bias: false), width);
            Add(torch.nn.Conv2d(width, width, 3, stride, 1, bias: false), width);
            Add(torch.nn.Conv2d(width, OutputChannels, 1, bias: false), OutputChannels);
        }

        if (stride == 1 && inputs == OutputChannels) return;
        _downsample = (torch.nn.Conv2d(inputs, OutputChannels, 1, stride, bias: false), torch.nn.BatchNorm2d(OutputChannels));
        register_module("downsample", torch.nn.Sequential(_downsample.Value.Convolution, _downsample.Value.Norm));
    }

    internal long OutputChannels { get; }

    public override torch.Tensor forward(torch.Tensor input)
    {
        using torch.Tensor? shortcut = Shortcut(input);
        torch.Tensor maps = input;
        for (int i = 0; i < _path.Count; i++)
        {
            using torch.Tensor convolved = Maps.Convolve(_path[i].Convolution, maps);
            if (!ReferenceEquals(maps, input)) maps.Dispose();
            maps = Maps.Normalise(_path[i].Norm, convolved, i == _path.Count - 1 ? shortcut ?? input : null);
        }

        return maps;
    }

    internal void StartAsIdentity() => torch.nn.init.constant_(_path[^1].Norm.weight!, 0);

    /// <summary>x in the shape of f(x); null where it has that already.</summary>
    private torch.Tensor? Shortcut(torch.Tensor input)
    {
        if (_downsample is not { } adapt) return null;
        using torch.Tensor narrowed = Maps.Convolve(adapt.Convolution, input);
        return Maps.Normalise(adapt.Norm, narrowed, relu: false);
    }

    private void Add(Conv2d convolution, long channels)
    {
        BatchNorm2d norm = torch.nn.BatchNorm2d(channels);
        _path.Add((convolution, norm));
        string number = _path.Count.ToString(CultureInfo.InvariantCulture);
        register_module("conv" + number, convolution);
        register_module("bn" + number, norm);
    }
}
