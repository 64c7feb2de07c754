using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using S3L.Core.Training;

namespace Pretrain;

/// <summary>The figures of a run as JSON.</summary>
internal sealed class RunReport(PretrainOptions options, PictureSets pictures)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
    };

    public void Write(string path, TrainingResult result, IReadOnlyList<(TimeSpan Elapsed, double ImagesPerSecond)> reports,
        Accuracies random, Accuracies pretrained, double firstStepSeconds)
    {
        using Process process = Process.GetCurrentProcess();
        var report = new
        {
            KnnRandom = random.Test,
            KnnPretrained = pretrained.Test,
            KnnLeaveOneOutRandom = random.LeaveOneOut,
            KnnLeaveOneOutPretrained = pretrained.LeaveOneOut,
            KnnK = random.Neighbors,
            KnnTemperature = 0.1,
            result.ImagesPerSecond,
            SteadyImagesPerSecond = Steady(reports),
            result.TrainSeconds,
            result.WaitSeconds,
            PrepareSeconds = pictures.Seconds,
            FirstStepSeconds = firstStepSeconds,
            result.Steps,
            result.Losses,
            result.Scores,
            result.Stages,
            PeakMemoryMib = process.PeakWorkingSet64 / 1048576.0,
            Images = result.ImageCount,
            result.Skipped,
            Options = options,
            Versions = new
            {
                S3l = typeof(Trainer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
                Engine = typeof(torch).Assembly.GetName().Name,
                Libtorch = torch.__version__,
                Dotnet = RuntimeInformation.FrameworkDescription,
                Os = RuntimeInformation.OSDescription,
                Cores = Environment.ProcessorCount,
                Processor = Processor(),
            },
        };
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        File.WriteAllText(path, JsonSerializer.Serialize(report, Format));
    }

    // Of the time from the first report to the last: before it passes are rehearsed and recorded on a GPU.
    private static double Steady(IReadOnlyList<(TimeSpan Elapsed, double ImagesPerSecond)> reports)
    {
        if (reports.Count < 2) return reports.Count == 0 ? 0 : reports[0].ImagesPerSecond;
        double images = reports.Zip(reports.Skip(1), (from, to) => (to.Elapsed - from.Elapsed).TotalSeconds * to.ImagesPerSecond).Sum();
        return images / (reports[^1].Elapsed - reports[0].Elapsed).TotalSeconds;
    }

    // .NET knows the processor's architecture, not its name.
    private static string Processor()
    {
        const string File = "/proc/cpuinfo";
        if (!System.IO.File.Exists(File)) return RuntimeInformation.ProcessArchitecture.ToString();
        string? line = System.IO.File.ReadLines(File).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
