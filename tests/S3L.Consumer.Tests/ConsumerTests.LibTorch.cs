using System.Text.RegularExpressions;
using S3L.Core.Tests;

namespace S3L.Consumer.Tests;

/// <summary>Applications of others, which know the packages only.</summary>
public sealed partial class ConsumerTests(PackedFeed feed)
{
    [Fact]
    public void The_code_of_the_readme_pretrains_on_a_folder_of_pictures()
    {
        string pictures = feed.PathTo("pictures");
        Directory.CreateDirectory(pictures);
        foreach (string file in Directory.GetFiles(RepositoryFiles.PathTo("tests", "Parity", "crops"), "*.jpg"))
        {
            File.Copy(file, Path.Combine(pictures, Path.GetFileName(file)));
        }

        Ended run = Commands.Run(feed.Root, Commands.Dotnet, [Path.Combine(feed.OutputOf("Readme"), "Readme.dll"), pictures]).MustSucceed();
        Assert.Matches(ReadmeLine(), run.Output);
        Assert.True(new FileInfo(feed.PathTo("backbone.safetensors")).Length > 1_000_000);
    }

    [Fact]
    public void A_service_trains_with_settings_of_its_configuration_logs_measures_and_embeds()
    {
        string output = Service().MustSucceed().Output;
        Assert.Contains("batch 16, rate 0.1, 9 steps", output, StringComparison.Ordinal);
        Assert.Contains("Stage 2: 16 px, 1 epochs, batch 16, Float32", output, StringComparison.Ordinal);
        Assert.Contains("embeddings 2 of 16", output, StringComparison.Ordinal);
        Assert.Contains("metric s3l.training.images 144\n", output, StringComparison.Ordinal);
        foreach (string name in (string[])["loss", "throughput", "learning_rate", "embedding_spread", "effective_rank"])
        {
            Assert.Contains($"metric s3l.training.{name} ", output, StringComparison.Ordinal);
        }

        Assert.Equal(["decode", "stage", "stage", "run"], ActivityLine().Matches(output).Select(m => m.Groups[1].Value));
    }

    [Theory]
    [InlineData("S3L:BatchSise=3", "The setting S3L:BatchSise is not known here; known are BatchSize, LearningRate, Precision, ")]
    [InlineData("S3L:BatchSize=1", "The setting S3L:BatchSize is refused: BatchSize must be at least 2.")]
    public void A_service_with_a_wrong_setting_does_not_start(string setting, string message)
    {
        Ended run = Service(setting);
        Assert.NotEqual(0, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Unit_tests_of_an_application_use_the_kit()
    {
        Ended run = Commands.Run(feed.Root, Commands.Dotnet, [Path.Combine(feed.OutputOf("UnitTests"), "UnitTests.dll")]).MustSucceed();
        Assert.Contains("Total: 4, Errors: 0, Failed: 0, Skipped: 0", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trimmed_application_trains_resumes_saves_and_embeds()
    {
        feed.Dotnet("publish", "Trimmed", "-o", feed.PathTo("trimmed")).MustSucceed();
        Ended run = Commands.Run(feed.Root, feed.PathTo("trimmed", "Trimmed"), [feed.PathTo("trimmed")]).MustSucceed();
        Assert.Equal(["4 steps, 4 losses, 16 dimensions, True", "9 steps, 9 losses, 16 dimensions, True"],
            run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private Ended Service(params string[] arguments) =>
        Commands.Run(feed.Root, Commands.Dotnet, [Path.Combine(feed.OutputOf("Service"), "Service.dll"), .. arguments]);

    [GeneratedRegex(@"^6 pictures, [\d,]+ images/s, loss \d+\.\d{3}\s*$")]
    private static partial Regex ReadmeLine();

    [GeneratedRegex(@"^activity s3l\.training\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex ActivityLine();
}
