using System.Diagnostics;
using S3L.Core.Tests.Data;
using S3L.Testing;

namespace S3L.Core.Tests.Samples;

/// <summary>The service as a supervisor meets it: signals, exit codes, a second start.</summary>
public sealed class ConsumerServiceTests : IDisposable
{
    private const int Steps = 120;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Stopped_by_SIGTERM_and_started_again_it_ends_as_if_it_had_never_been_stopped()
    {
        SampleRun undisturbed = SampleRun.Of("ConsumerService", Arguments("undisturbed"));
        Assert.Equal((0, ""), (undisturbed.Code, undisturbed.Error));
        Assert.Contains($"Done after {Steps} steps on 200 pictures", undisturbed.Output, StringComparison.Ordinal);
        Assert.Contains($"metric s3l.training.images {16 * Steps}", undisturbed.Output, StringComparison.Ordinal);
        Assert.Contains("metric s3l.training.loss ", undisturbed.Output, StringComparison.Ordinal);

        (int code, string output) = StopAfter("Step 3 of", Arguments("stopped"));
        Assert.Equal(0, code);
        Assert.Contains("Stopped before the end", output, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.At("stopped/backbone.safetensors")));
        string checkpoint = Assert.Single(Directory.GetFiles(_folder.At("stopped/checkpoints")));

        SampleRun second = SampleRun.Of("ConsumerService", Arguments("stopped"));
        Assert.Equal((0, ""), (second.Code, second.Error));
        Assert.Contains($"Resumed from {checkpoint} at step", second.Output, StringComparison.Ordinal);
        Assert.Equal(Weights("undisturbed"), Weights("stopped"));

        byte[] Weights(string name) => File.ReadAllBytes(_folder.At($"{name}/backbone.safetensors"));
    }

    [Fact]
    public void A_wrong_setting_stops_it_at_its_start()
    {
        SampleRun run = SampleRun.Of("ConsumerService", ["--S3L:BatchSize=1"]);
        Assert.Equal(2, run.Code);
        Assert.StartsWith("ConsumerService: The setting S3L:BatchSize is refused: BatchSize must be at least 2.", run.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_fails_ends_with_exit_code_1()
    {
        SampleRun run = SampleRun.Of("ConsumerService", [.. Arguments("failed"), "--Pretraining:Pictures=nowhere"]);
        Assert.Equal(1, run.Code);
        Assert.Contains("there is nothing at 'nowhere'", run.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string[] Arguments(string name) =>
    [
        "--Pretraining:Schedule=32x10", $"--Pretraining:Weights={_folder.At($"{name}/backbone.safetensors")}", "--S3L:BatchSize=16",
        "--S3L:Precision=Float32", "--S3L:Threads=1", "--S3L:Device=cpu", "--S3L:ReportEverySteps=1", "--S3L:Guarding:Action=Off",
        $"--S3L:Checkpoints:Folder={_folder.At($"{name}/checkpoints")}", "--S3L:Checkpoints:EverySteps=1000",
    ];

    private static (int Code, string Output) StopAfter(string text, string[] arguments)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string program = RepositoryFiles.PathTo("samples", "ConsumerService", "bin", configuration, "net10.0", "ConsumerService.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true })!;
        var seen = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            seen.Add(line);
            if (!line.Contains(text, StringComparison.Ordinal)) continue;
            using Process kill = Process.Start("sh", ["-c", $"kill -TERM {process.Id}"]);
            kill.WaitForExit();
        }

        process.WaitForExit();
        return (process.ExitCode, string.Join('\n', seen));
    }
}
