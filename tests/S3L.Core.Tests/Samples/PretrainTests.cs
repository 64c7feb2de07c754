using System.Text.Json;
using S3L.Core.Weights;
using S3L.Testing;

namespace S3L.Core.Tests.Samples;

/// <summary>The command line as a user meets it.</summary>
public sealed class PretrainTests : IDisposable
{
    private static readonly string[] Tiny = ["--stages", "1", "--batch", "16", "--limit", "48", "--precision", "float32", "--threads", "1"];

    private readonly string _folder = Directory.CreateTempSubdirectory("s3l-pretrain-").FullName;

    [Theory]
    [InlineData("mocov1")]
    [InlineData("mocov2")]
    [InlineData("simclr")]
    [InlineData("simsiam")]
    [InlineData("byol")]
    [InlineData("instdisc")]
    public void Pretrains_and_writes_its_figures(string method)
    {
        string json = Path.Combine(_folder, "out.json");
        SampleRun run = Run(["--data", "synthetic", "--method", method, "--resolutions", "16x1,32x2", "--out", _folder, "--json", json,
            "--probe-every", "2", .. Tiny]);

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("Pretrained backbone: kNN (k = 20", run.Output, StringComparison.Ordinal);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement root = report.RootElement;
        foreach (string name in (string[])["knn_random", "knn_pretrained", "knn_leave_one_out_random", "knn_leave_one_out_pretrained"])
        {
            Assert.InRange(root.GetProperty(name).GetDouble(), 0, 1);
        }

        foreach (string name in (string[])["images_per_second", "train_seconds",
            "peak_memory_mib"]) Assert.True(root.GetProperty(name).GetDouble() > 0);
        Assert.InRange(root.GetProperty("wait_seconds").GetDouble(), double.Epsilon, root.GetProperty("train_seconds").GetDouble());
        Assert.Equal(20, root.GetProperty("knn_k").GetInt32());
        Assert.Equal(9, root.GetProperty("steps").GetInt32());
        Assert.Equal(9, root.GetProperty("losses").GetArrayLength());
        Assert.Equal([2, 3], root.GetProperty("scores").EnumerateArray().Select(s => s.GetProperty("epoch").GetInt32()));
        Assert.Equal(48, root.GetProperty("images").GetInt32());
        Assert.Equal(0, root.GetProperty("skipped").GetArrayLength());
        Assert.Equal(method, root.GetProperty("options").GetProperty("method").GetString());
        Assert.StartsWith(".NET 10", root.GetProperty("versions").GetProperty("dotnet").GetString(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "backbone.safetensors")));
    }

    [Theory]
    [InlineData("mobilenetv2", "imagenet", null, 1280)]
    [InlineData("mobilenetv3-small", "small", "3", 48)]
    [InlineData("mobilenetv3-large", "imagenet", "4", 112)]
    [InlineData("efficientnet-b0", "small", "4", 112)]
    public void Builds_the_first_stages_of_other_networks(string backbone, string stem, string? stages, int features)
    {
        string[] some = stages is null ? [] : ["--stages", stages];
        SampleRun run = Run(["--data", "synthetic", "--method", "simsiam", "--backbone", backbone, "--stem", stem, .. some, "--resolutions", "32x1",
            "--batch", "8", "--limit", "24", "--steps", "1", "--threads", "1", "--out", _folder]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains($"Random {backbone}: ", run.Output, StringComparison.Ordinal);
        using DisposeScope scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> weights = Safetensors.Load(Path.Combine(_folder, "backbone.safetensors"));
        Assert.Equal(features, weights.Last(w => w.Key.EndsWith("running_mean", StringComparison.Ordinal)).Value.shape[0]);
    }

    [Fact]
    public void With_a_cache_the_second_run_decodes_nothing_and_ends_the_same()
    {
        string[] options = ["--data", "synthetic", "--method", "simsiam", "--resolutions", "16x1,32x1",
            "--cache", Path.Combine(_folder, "cache"), .. Tiny];
        SampleRun first = Run(options), second = Run(options);
        Assert.Equal((0, ""), (second.Code, second.Error));
        Assert.Contains("48 training pictures (0 skipped), 10 classes, grid of 64×64 and 32×32, 48 decoded now, kept in ", first.Output,
            StringComparison.Ordinal);
        Assert.Contains("grid of 64×64 and 32×32, 0 decoded now, kept in ", second.Output, StringComparison.Ordinal);
        Assert.Equal(Figures(first), Figures(second));

        static string[] Figures(SampleRun run) => [.. run.Output.Split('\n').Where(l => l.Contains("backbone:", StringComparison.Ordinal))];
    }

    [Fact]
    public void With_a_cache_the_second_run_knows_what_the_first_has_measured()
    {
        string cache = Path.Combine(_folder, "cache"), formats = Path.Combine(cache, "formats.json"), json = Path.Combine(_folder, "out.json");
        string[] options = ["--data", "synthetic", "--method", "simsiam", "--resolutions", "32x1", "--stages", "1", "--batch", "16", "--limit", "32",
            "--threads", "1", "--cache", cache, "--json", json];
        (SampleRun first, SampleRun second) = (Run(options), Run(options));
        Assert.Equal((0, "", 0, ""), (first.Code, first.Error, second.Code, second.Error));
        Assert.Contains("fastest of BFloat16 ", first.Output, StringComparison.Ordinal);
        string chosen = first.Output.Split('\n').Single(l => l.Contains(" steps of ", StringComparison.Ordinal)).Split("images/s, ", 2)[1].Trim();
        Assert.Contains(chosen + ", measured by an earlier process", second.Output, StringComparison.Ordinal);
        using (JsonDocument report = JsonDocument.Parse(File.ReadAllText(json)))
        {
            Assert.InRange(report.RootElement.GetProperty("first_step_seconds").GetDouble(), 0.1, 60);
        }

        // What is damaged is measured again, and replaced.
        File.WriteAllText(formats, "{ no");
        SampleRun third = Run(options);
        Assert.Equal((0, ""), (third.Code, third.Error));
        Assert.DoesNotContain("measured by an earlier process", third.Output, StringComparison.Ordinal);
        using JsonDocument kept = JsonDocument.Parse(File.ReadAllText(formats));
        Assert.Contains(" 32 px cpu 1 threads on ", Assert.Single(kept.RootElement.EnumerateObject()).Name, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(cache, "formats.json*"));
    }

    [Fact]
    public void Says_plainly_that_a_flat_folder_has_no_accuracy()
    {
        foreach (string file in Directory.GetFiles(RepositoryFiles.PathTo("tests", "Parity", "crops"), "*.jpg", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(_folder, "broken.jpg"), "no picture");
        SampleRun run = Run(["--data", _folder, "--method", "simsiam", "--resolutions", "32x1", "--stages", "1", "--batch", "2", "--threads", "1"]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("The pictures have no labels (no folder per class), so there will be no kNN accuracy.", run.Output, StringComparison.Ordinal);
        Assert.Contains("Skipped broken.jpg", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Option '--data' is required.")]
    [InlineData("--method must be one of mocov1, mocov2, simclr, simsiam, byol, instdisc, but is 'moco'.", "--data", "synthetic", "--method", "moco")]
    [InlineData("--backbone must be one of resnet18, resnet34, resnet50, resnet101, resnet152, mobilenetv2, mobilenetv3-small, mobilenetv3-large, " +
        "efficientnet-b0, but is 'vgg'.", "--data", "synthetic", "--backbone", "vgg")]
    [InlineData("path must be that of a folder or an archive, but there is nothing at 'nowhere'.", "--data", "nowhere")]
    [InlineData("--resolutions must not go below 32 px for this backbone, but has 16x1; --stem small or fewer --stages allow less.",
        "--data", "synthetic", "--resolutions", "16x1")]
    [InlineData("StageCount must be in [1, 4]. (Parameter 'StageCount') Actual value was 5.", "--data", "synthetic", "--stages", "5")]
    [InlineData("StageCount must be in [1, 5]. (Parameter 'StageCount') Actual value was 6.",
        "--data", "synthetic", "--stages", "6", "--backbone", "efficientnet-b0")]
    public void A_wrong_option_is_one_line_and_exit_code_2(string message, params string[] arguments)
    {
        SampleRun run = Run(arguments);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Equal($"Pretrain: {message}  (--help lists the options)", run.Error.Trim());
    }

    [Fact]
    public void Help_explains_every_option()
    {
        SampleRun run = Run(["--help"]);
        Assert.Equal(0, run.Code);
        string[] options = [.. run.Output.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("--", StringComparison.Ordinal))];
        Assert.True(options.Length >= 19);
        // Name, then a column of spaces, then at least three words.
        Assert.All(options, o => Assert.Matches(@"^--[a-z-]+.*\s{2,}\S+ \S+ \S+", o));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static SampleRun Run(string[] arguments) => SampleRun.Of("Pretrain", arguments);
}
