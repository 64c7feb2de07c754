using Pretrain;

// A wrong option, path or combination is one line and exit code 2; anything else that fails is a defect and shows its stack.
try
{
    var parsed = CommandLine.Create(PretrainRun.Execute).Parse(args);
    if (parsed.Errors.Count > 0) return Refuse(parsed.Errors[0].Message);
    // A run that is stopped saves where it is, which takes a while.
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
}
catch (Exception e) when (e is ArgumentException or FormatException or IOException or UnauthorizedAccessException or InvalidDataException)
{
    return Refuse(e.Message.ReplaceLineEndings(" "));
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Stopped.");
    return 130;
}

static int Refuse(string message)
{
    Console.Error.WriteLine($"Pretrain: {message}  (--help lists the options)");
    return 2;
}
