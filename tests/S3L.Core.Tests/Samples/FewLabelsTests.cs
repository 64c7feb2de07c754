using System.Globalization;
using System.Text.RegularExpressions;
using S3L.Core.Backbones;
using S3L.Core.Tests.Data;
using S3L.Core.Weights;
using S3L.Testing;

namespace S3L.Core.Tests.Samples;

public sealed partial class FewLabelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Says_what_neighbours_a_linear_classifier_and_fine_tuning_reach()
    {
        SampleRun run = SampleRun.Of("FewLabels", ["--data", "synthetic", "--weights", Weights(), "--labels", "0.1", "--resolution", "32",
            "--decays", "0", "0.001", "--tune", "--epochs", "1"]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("80 labels of 10 classes, 200 test pictures", run.Output, StringComparison.Ordinal);
        Match[] lines = Line().Matches(run.Output).ToArray();
        Assert.Equal(3, lines.Length);
        Assert.Equal("kNN (k = 8)", lines[0].Groups[1].Value);
        Assert.Contains(lines[1].Groups[1].Value, (string[])["linear (weight decay 0)", "linear (weight decay 0.001)"]);
        Assert.Equal("fine-tuned", lines[2].Groups[1].Value);
        Assert.All(lines, l => Assert.InRange(double.Parse(l.Groups[2].Value, CultureInfo.InvariantCulture), 0, 1));
    }

    [Fact]
    public void Refuses_weights_of_another_network_and_pictures_without_labels()
    {
        string path = _folder.At("other.safetensors");
        using (torch.Tensor some = torch.zeros([2]))
        {
            Safetensors.Save(path, new Dictionary<string, torch.Tensor> { ["layer1.0.conv1.weight"] = some });
        }

        Refuses($"'{path}' must hold the weights of a ResNet-18, but lacks conv1.weight or layer1 to layer4.",
            "--data", "synthetic", "--weights", path);
        Directory.CreateDirectory(_folder.At("flat"));
        File.Copy(RepositoryFiles.PathTo("tests", "Parity", "crops", "photograph-0.jpg"), _folder.At("flat/a.jpg"));
        Refuses("--data must hold one folder per class, of two classes at least.", "--data", _folder.At("flat"), "--weights", Weights());
    }

    public void Dispose() => _folder.Dispose();

    private static void Refuses(string message, params string[] arguments)
    {
        SampleRun run = SampleRun.Of("FewLabels", arguments);
        Assert.Equal((2, $"FewLabels: {message}  (--help lists the options)"), (run.Code, run.Error.Trim()));
    }

    private string Weights()
    {
        torch.manual_seed(1).Dispose();
        using var network = new ResNet(ResNetOptions.ResNet18 with { StageCount = 3 });
        Safetensors.Save(_folder.At("backbone.safetensors"), network.state_dict());
        return _folder.At("backbone.safetensors");
    }

    [GeneratedRegex(@"^(\S.*?) +(\d\.\d{3}) ± \d\.\d{3}$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
