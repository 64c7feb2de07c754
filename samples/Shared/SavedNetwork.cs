using System.Globalization;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Weights;

namespace SavedWeights;

/// <summary>A ResNet-18 from the file that pretraining left. Stages and stem are read off the names and shapes in the file.</summary>
internal static class SavedNetwork
{
    private const string Stem = "conv1.weight", Mean = "mean", Deviation = "deviation";

    /// <summary>What is kept beside weights: features are those of pretraining only where colours are normalised as they were there.</summary>
    internal static Dictionary<string, string> FactsOf(IBackbone backbone, ColorStatistics statistics) => new()
    {
        ["backbone"] = backbone.Name,
        [Mean] = Text(statistics.Mean),
        [Deviation] = Text(statistics.Deviation),
    };

    /// <param name="path">The file.</param>
    /// <param name="statistics">By which colours are normalised; ImageNet's where the file does not say.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or holds another network.</exception>
    internal static ResNet Load(string path, out ColorStatistics statistics)
    {
        Dictionary<string, torch.Tensor> weights = Safetensors.Load(path, out IReadOnlyDictionary<string, string> facts);
        statistics = facts.TryGetValue(Mean, out string? mean) && facts.TryGetValue(Deviation, out string? deviation)
            ? new ColorStatistics(Numbers(mean), Numbers(deviation))
            : ColorStatistics.ImageNet;
        try
        {
            int stages = weights.Keys.Where(k => k.StartsWith("layer", StringComparison.Ordinal)).Select(k => k[5] - '0').DefaultIfEmpty().Max();
            if (!weights.TryGetValue(Stem, out torch.Tensor? first) || stages is < 1 or > 4)
            {
                throw new InvalidDataException($"'{path}' must hold the weights of a ResNet-18, but lacks {Stem} or layer1 to layer4.");
            }

            var network = new ResNet(ResNetOptions.ResNet18 with
            {
                StageCount = stages,
                Stem = first.size(2) == 7 ? ResNetStem.ImageNet : ResNetStem.SmallImage,
            });
            try
            {
                network.load_state_dict(weights);
                return network;
            }
            catch (ArgumentException other)
            {
                network.Dispose();
                throw new InvalidDataException($"'{path}' holds another network than ResNet-18: {other.Message}", other);
            }
        }
        finally
        {
            foreach (torch.Tensor weight in weights.Values) weight.Dispose();
        }
    }

    private static string Text(IEnumerable<double> numbers) => string.Join(' ', numbers.Select(n => n.ToString("r", CultureInfo.InvariantCulture)));

    private static double[] Numbers(string text) => [.. text.Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
}
