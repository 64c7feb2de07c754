using System.Globalization;

namespace S3L.Core.Methods;

/// <summary>Linear layers with rectifiers between them and, where asked for, batch normalisation: every projector and predictor.</summary>
public sealed class MlpHead : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    private readonly Sequential _layers;
    private readonly bool _hiddenNorm;
    private readonly HeadOutput _outputNorm;

    /// <summary>A head with random weights, drawn as PyTorch draws those of linear layers.</summary>
    /// <param name="widths">Features from input to output: n widths make n − 1 linear layers.</param>
    /// <param name="hiddenNorm">Batch normalisation before each rectifier.</param>
    /// <param name="outputNorm">What follows the last layer.</param>
    /// <exception cref="ArgumentException">There are fewer than two widths, or one is below 1.</exception>
    public MlpHead(IReadOnlyList<long> widths, bool hiddenNorm = false, HeadOutput outputNorm = HeadOutput.Plain) : base(nameof(MlpHead))
    {
        ArgumentNullException.ThrowIfNull(widths);
        if (widths.Count < 2 || widths.Any(w => w < 1))
        {
            throw new ArgumentException($"widths must hold at least two numbers of at least 1, but is [{string.Join(", ", widths)}].",
                nameof(widths));
        }

        Guard.Defined(outputNorm, nameof(outputNorm));
        var layers = new List<torch.nn.Module<torch.Tensor, torch.Tensor>>();
        for (int i = 0; i < widths.Count - 1; i++)
        {
            bool last = i == widths.Count - 2;
            bool norm = last ? outputNorm != HeadOutput.Plain : hiddenNorm;
            // The normalisation that follows would take a bias away again. BYOL and SimSiam keep none there.
            layers.Add(torch.nn.Linear(widths[i], widths[i + 1], hasBias: !norm));
            if (norm) layers.Add(torch.nn.BatchNorm1d(widths[i + 1], affine: !last || outputNorm == HeadOutput.Normalised));
            if (!last) layers.Add(torch.nn.ReLU(inplace: true));
        }

        _layers = torch.nn.Sequential([.. layers.Select((layer, i) => (i.ToString(CultureInfo.InvariantCulture), layer))]);
        register_module("layers", _layers);
        Widths = [.. widths];
        (_hiddenNorm, _outputNorm) = (hiddenNorm, outputNorm);
    }

    /// <summary>Features from input to output.</summary>
    public IReadOnlyList<long> Widths { get; }

    /// <summary>Applies the head: [N, first width] → [N, last width].</summary>
    public override torch.Tensor forward(torch.Tensor input) => _layers.call(input);

    /// <summary>A second head with the same weights.</summary>
    internal MlpHead CreateTwin()
    {
        var twin = new MlpHead(Widths, _hiddenNorm, _outputNorm);
        twin.load_state_dict(state_dict());
        return twin;
    }
}
