using System.Globalization;
using S3L.Core.Backbones;

namespace CustomMethod;

/// <summary>A backbone of one's own: four convolutions, each with normalisation and rectifier, each but the first halving the picture.</summary>
public sealed class PlainNetwork : torch.nn.Module<torch.Tensor, torch.Tensor>, IBackbone
{
    private static readonly int[] Widths = [32, 64, 128, 256];

    private readonly Sequential _layers;

    public PlainNetwork() : base(nameof(PlainNetwork))
    {
        var layers = new List<(string, torch.nn.Module<torch.Tensor, torch.Tensor>)>();
        for (int i = 0; i < Widths.Length; i++)
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            layers.Add(("conv" + number, torch.nn.Conv2d(i == 0 ? 3 : Widths[i - 1], Widths[i], 3, i == 0 ? 1 : 2, 1, bias: false)));
            layers.Add(("norm" + number, torch.nn.BatchNorm2d(Widths[i])));
            layers.Add(("relu" + number, torch.nn.ReLU(inplace: true)));
        }

        _layers = torch.nn.Sequential([.. layers]);
        register_module("layers", _layers);
    }

    public string Name => "plain";

    public long FeatureDimension => Widths[^1];

    public int MinimumResolution => 8;

    // All of it is one stage, which cannot be left out.
    public IReadOnlyList<BackboneStage> Stages => [new("stem", []), new("layers", [_layers])];

    public int StageCount => 1;

    public int FullStageCount => 1;

    public torch.nn.Module Network => this;

    public override torch.Tensor forward(torch.Tensor input)
    {
        using torch.Tensor maps = _layers.call(input);                                       // [N, 256, H/8, W/8]
        return maps.mean([2, 3]);
    }

    torch.Tensor IBackbone.Forward(torch.Tensor images) => call(images);

    public IBackbone CreateTwin()
    {
        var twin = new PlainNetwork();
        twin.to(parameters().First().device);
        twin.load_state_dict(state_dict());
        return twin;
    }

    public IBackbone WithStages(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(count, 1);
        return CreateTwin();
    }
}
