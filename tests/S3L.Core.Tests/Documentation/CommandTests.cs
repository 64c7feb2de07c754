using System.Text.RegularExpressions;
using S3L.Testing;

namespace S3L.Core.Tests.Documentation;

/// <summary>Every command of the documentation is one that a test or CI runs: the list says which, and by what text that is known.</summary>
public sealed partial class CommandTests
{
    private static readonly (string Command, string File, string Text)[] Known =
    [
        (@"\./build\.sh (setup|build)", ".ci/run", "./build.sh build"),
        (@"\./build\.sh test", ".ci/run", "./build.sh test"),
        (@"\./build\.sh demo", ".ci/run", "./build.sh demo"),
        (@"\./build\.sh (build|test) -p:TorchEngine=TorchSharp( -p:TorchSharpPath=FOLDER)?( -p:ImageSharpPath=FOLDER)?( -p:ImageCodec=Native)?",
            "eng/check-torchsharp.sh", "-p:TorchEngine=TorchSharp -p:TorchSharpPath="),
        (@"dotnet build eng/TorchSharp\.slnf( -c Release)?( -p:\w+=\S+)*", "eng/check-torchsharp.sh", "for_torchsharp eng/TorchSharp.slnf"),
        (@"\./build\.sh pack", "build.sh", "dotnet pack S3L.Core.sln"),
        (@"LIBTORCH=FOLDER dotnet build -t:BuildS3LNative", "tests/S3L.Consumer.Tests/NativeLibraryTests.LibTorch.cs", "-t:BuildS3LNative"),
        (@"dotnet nuget add source FOLDER", "tests/S3L.Consumer.Tests/PackedFeed.LibTorch.cs", "feed"),
        (@"\./build\.sh bench( \w+)?( --[a-z-]+ \S+)*", "build.sh", "--project tests/Benchmarks -- "),
        (@"tests/Benchmarks/gpu/pack\.sh KIT\.tar\.gz FILE\.\.\.", "tests/S3L.Consumer.Tests/GpuKitTests.LibTorch.cs", "pack.sh"),
        (@"kit/run\.sh check", "tests/S3L.Consumer.Tests/GpuKitTests.LibTorch.cs", "[\"check\"]"),
        (@"LIBTORCH=FOLDER \./build\.sh build", "src/S3L.Torch/native/S3L.Torch.Native.targets", "$(LIBTORCH)"),
        (@"dotnet build", ".ci/run", "./build.sh build"),
        (@"eng/check-torchsharp\.sh( all)?", ".ci/run", "eng/check-torchsharp.sh"),
        (@"eng/approve-api\.sh", "tests/S3L.Core.Tests/PublicApi/ApprovedApi.cs", "eng/approve-api.sh"),
        (@"dotnet run -c Release --project samples/Pretrain -- (--[a-z-]+( (?!-)\S+)* ?)+",
            "tests/S3L.Core.Tests/Samples/PretrainTests.cs", "SampleRun.Of(\"Pretrain\""),
        (@"dotnet run -c Release --project samples/Recipe -- (--[a-z-]+( (?!-)\S+)* ?)+",
            "tests/S3L.Core.Tests/Samples/RecipeSampleTests.cs", "SampleRun.Of(\"Recipe\""),
        (@"dotnet run -c Release --project samples/SearchByImage -- (--[a-z-]+( (?!-)\S+)* ?)+",
            "tests/S3L.Core.Tests/Samples/SearchByImageTests.cs", "SampleRun.Of(\"SearchByImage\""),
        (@"dotnet run -c Release --project samples/FewLabels -- (--[a-z-]+( (?!-)\S+)* ?)+",
            "tests/S3L.Core.Tests/Samples/FewLabelsTests.cs", "SampleRun.Of(\"FewLabels\""),
        (@"dotnet run -c Release --project samples/ConsumerService -- (--[A-Za-z0-9:]+=\S+ ?)+",
            "tests/S3L.Core.Tests/Samples/ConsumerServiceTests.LibTorch.cs", "SampleRun.Of(\"ConsumerService\""),
        // Takes hours and pictures that the repository does not hold; what it calls is samples/Pretrain.
        (@"dotnet run -c Release --project tests/Experiments -- \w+ --data \S+( --seeds \d+)?", "tests/Experiments/Experiments.csproj",
            "System.CommandLine"),
    ];

    [Fact]
    public void Every_command_is_one_that_is_run()
    {
        string[] strange = [.. Pages.All.SelectMany(p => Pages.Commands(p).Where(c => !IsKnown(c)).Select(c => $"{p}: {c}"))];
        Assert.True(strange.Length == 0, $"No test and no step of CI is listed for these commands:\n{string.Join('\n', strange)}");
    }

    [Fact]
    public void What_is_said_to_run_a_command_does()
    {
        foreach ((string command, string file, string text) in Known)
        {
            bool holds = File.ReadAllText(RepositoryFiles.PathTo(file)).Contains(text, StringComparison.Ordinal);
            Assert.True(holds, $"{file} does not hold '{text}', which runs {command}.");
        }
    }

    [Theory]
    [InlineData("Pretrain")]
    [InlineData("Recipe")]
    [InlineData("SearchByImage")]
    [InlineData("FewLabels")]
    public void Options_of_the_samples_exist(string sample)
    {
        string project = $"--project samples/{sample} -- ";
        string source = string.Concat(Directory.GetFiles(RepositoryFiles.PathTo("samples", sample), "*.cs").Select(File.ReadAllText));
        foreach (string command in Pages.All.SelectMany(Pages.Commands).Where(c => c.Contains(project, StringComparison.Ordinal)))
        {
            string arguments = command[(command.IndexOf(project, StringComparison.Ordinal) + project.Length)..];
            Assert.All(Option().Matches(arguments), o => Assert.Contains($"\"{o.Value}\"", source, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Commands_are_found_in_blocks_and_in_the_text() =>
        Assert.Superset(new HashSet<string> { "./build.sh demo", "./build.sh setup" }, Pages.All.SelectMany(Pages.Commands).ToHashSet());

    private static bool IsKnown(string command) => Known.Any(k => Regex.IsMatch(command, $"^{k.Command}$"));

    [GeneratedRegex("--[a-z][a-z-]*")]
    private static partial Regex Option();
}
