using System.Diagnostics;
using System.Globalization;

namespace Benchmarks;

/// <summary>a.add(b) for two vectors of four elements: what one trip from C# into libtorch and back costs.</summary>
internal static class OperatorCall
{
    private const int Rounds = 7;
    private const int Calls = 200_000;

    internal static int Run(string python)
    {
        using torch.Tensor a = torch.ones([4]);
        using torch.Tensor b = torch.ones([4]);
        Measure(a, b);
        var ours = new List<double>();
        var theirs = new List<double>();
        for (int i = 0; i < Rounds; i++)
        {
            ours.Add(Measure(a, b));
            theirs.Add(MeasurePython(python));
        }

        double median = Median(ours), peer = Median(theirs);
        Say("S3L.Torch from C#:  ", median, ours);
        Say("PyTorch from Python:", peer, theirs);
        Console.WriteLine(FormattableString.Invariant($"Ratio: {median / peer:f2}"));
        return 0;
    }

    private static void Say(string who, double median, List<double> rounds) => Console.WriteLine(FormattableString.Invariant(
        $"{who} {median:f3} µs per call (median of {Rounds}, {rounds.Min():f3} to {rounds.Max():f3})"));

    private static double Measure(torch.Tensor a, torch.Tensor b)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Calls; i++)
        {
            using torch.Tensor c = a.add(b);
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / Calls;
    }

    private static double MeasurePython(string python)
    {
        string program = $"""
            import time, torch
            a, b = torch.ones(4), torch.ones(4)
            for _ in range(2):
                start = time.perf_counter()
                for _ in range({Calls}):
                    c = a.add(b)
                seconds = time.perf_counter() - start
            print(seconds / {Calls} * 1e6)
            """;
        using Process process = Process.Start(new ProcessStartInfo(python, ["-c", program]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{python} did not start.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? double.Parse(output, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"{python} ended with {process.ExitCode}; it needs PyTorch.");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
