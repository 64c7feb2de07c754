using System.CommandLine;
using S3L.Core.Data;

namespace Samples;

/// <summary>
/// A command line as users expect one. A wrong option, path or combination is one line and exit code 2, a stop is exit code 130; anything else that
/// fails is a defect and shows its stack.
/// </summary>
internal static class SampleCommand
{
    // A run that is stopped saves where it is, which takes a while.
    private static readonly TimeSpan MostForSaving = TimeSpan.FromMinutes(1);

    internal static async Task<int> RunAsync(RootCommand command, string[] args, Func<ParseResult, CancellationToken, int> act,
        string stopped = "Stopped.")
    {
        // On a thread of its own, or Ctrl+C would be heard only after the end.
        command.SetAction((parsed, cancellation) => Task.Run(() => act(parsed, cancellation), CancellationToken.None));
        try
        {
            ParseResult parsed = command.Parse(args);
            if (parsed.Errors.Count > 0) return Refuse(parsed.Errors[0].Message);
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = MostForSaving });
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IOException or UnauthorizedAccessException
            or InvalidDataException or UnreadableImageException)
        {
            return Refuse(e.Message.ReplaceLineEndings(" "));
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(stopped);
            return 130;
        }
    }

    private static int Refuse(string message)
    {
        Console.Error.WriteLine($"{typeof(SampleCommand).Assembly.GetName().Name}: {message}  (--help lists the options)");
        return 2;
    }
}
