using System.Diagnostics;
using S3L.Testing;

namespace S3L.Core.Tests.Samples;

/// <summary>A sample as a user meets it: another process, its output and its exit code.</summary>
internal sealed record SampleRun(int Code, string Output, string Error)
{
    public static SampleRun Of(string sample, string[] arguments) => Ended(Start(sample, arguments));

    /// <summary>Begins it. What it says is not read before <see cref="Ended"/>: a pipe holds 64 KiB.</summary>
    public static Process Start(string sample, string[] arguments)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string program = RepositoryFiles.PathTo("samples", sample, "bin", configuration, "net10.0", $"{sample}.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    /// <summary>Waits for its end, and disposes it.</summary>
    public static SampleRun Ended(Process process)
    {
        using (process)
        {
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new SampleRun(process.ExitCode, output, error.GetAwaiter().GetResult());
        }
    }
}
