using System.Globalization;
using System.Text.RegularExpressions;
using S3L.Core.Tests.Data;
using S3L.Testing;

namespace S3L.Core.Tests.Samples;

public sealed partial class SearchByImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Finds_a_picture_and_its_copy_and_the_saved_index_answers_alike()
    {
        string pictures = _folder.At("pictures");
        Directory.CreateDirectory(pictures);
        for (int i = 0; i < 6; i++) File.Copy(Photograph(i), Path.Combine(pictures, $"photograph-{i}.jpg"));
        File.Copy(Photograph(2), Path.Combine(pictures, "copy.jpg"));
        string[] arguments = ["--pictures", pictures, "--weights", _folder.At("backbone.safetensors"), "--index", _folder.At("index.safetensors"),
            "--query", Photograph(2), "--count", "3", "--epochs", "1", "--resolution", "64"];

        SampleRun first = SampleRun.Of("SearchByImage", [.. arguments, "--duplicates", "--least", "0.9999"]);
        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.Contains("pretraining on synthetic pictures, 1 epochs", first.Output, StringComparison.Ordinal);
        string[] answers = Answers(first);
        Assert.Equal(3, answers.Length);
        Assert.Equal(["1.000  copy.jpg", "1.000  photograph-2.jpg"], answers[..2].Order());
        Assert.True(Cosine(answers[2]) < 1);
        Assert.Equal(2, Pair().Count(first.Output));

        SampleRun second = SampleRun.Of("SearchByImage", arguments);
        Assert.Equal((0, ""), (second.Code, second.Error));
        Assert.Contains("7 pictures from ", second.Output, StringComparison.Ordinal);
        Assert.Equal(answers, Answers(second));
    }

    [Fact]
    public void A_wrong_path_is_one_line()
    {
        SampleRun run = SampleRun.Of("SearchByImage", ["--pictures", "nowhere", "--weights", _folder.Write("weights.safetensors", [1, 2])]);
        Assert.Equal(2, run.Code);
        Assert.Equal($"SearchByImage: '{_folder.At("weights.safetensors")}' is no safetensors file: it is shorter than 8 bytes.  " +
            "(--help lists the options)", run.Error.Trim());
    }

    public void Dispose() => _folder.Dispose();

    private static string Photograph(int number) => RepositoryFiles.PathTo("tests", "Parity", "crops", $"photograph-{number}.jpg");

    private static string[] Answers(SampleRun run) => [.. run.Output.Split('\n')
        .SkipWhile(l => !l.StartsWith("Most similar", StringComparison.Ordinal)).Skip(1)
        .TakeWhile(l => l.StartsWith("  ", StringComparison.Ordinal)).Select(l => l.Trim())];

    private static double Cosine(string answer) => double.Parse(answer.Split(' ')[0], CultureInfo.InvariantCulture);

    // Once by thumbnails, once by features.
    [GeneratedRegex(@"1\.000  copy\.jpg +photograph-2\.jpg")]
    private static partial Regex Pair();
}
