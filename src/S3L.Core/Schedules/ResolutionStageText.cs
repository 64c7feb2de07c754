using System.Globalization;

namespace S3L.Core.Schedules;

/// <summary>A stage as text: <c>112x100:batch=64:rate=0.03:keep-curve:keep-optimizer:restart-memory</c>.</summary>
internal static class ResolutionStageText
{
    internal const string Form = "A stage reads RESOLUTIONxEPOCHS[:batch=N][:rate=X][:keep-curve][:keep-optimizer][:restart-memory] such as " +
        "112x100 or 112x100:batch=64";

    private const string Batch = "batch=";
    private const string Rate = "rate=";
    private const string KeepCurve = "keep-curve";
    private const string KeepOptimizer = "keep-optimizer";
    private const string RestartMemory = "restart-memory";

    internal static string Write(ResolutionStage stage) => FormattableString.Invariant($"{stage.Resolution}x{stage.Epochs}") +
        (stage.BatchSize is { } size ? FormattableString.Invariant($":{Batch}{size}") : "") +
        (stage.LearningRate is { } rate ? FormattableString.Invariant($":{Rate}{rate:r}") : "") +
        (stage.RestartsCurve ? "" : $":{KeepCurve}") +
        (stage.RestartsOptimizer ? "" : $":{KeepOptimizer}") +
        (stage.RestartsMemory ? $":{RestartMemory}" : "");

    /// <summary>The stage; null where the text is of another form, or says one thing twice.</summary>
    internal static ResolutionStage? Read(string text)
    {
        string[] parts = text.Split(':');
        string[] numbers = parts[0].Split('x');
        if (numbers.Length != 2 || Whole(numbers[0], 1) is not { } resolution || Whole(numbers[1], 1) is not { } epochs) return null;
        if (parts.Select(p => p.Split('=')[0]).Distinct().Count() < parts.Length) return null;
        ResolutionStage? stage = new(resolution, epochs);
        foreach (string option in parts.Skip(1)) stage = stage is null ? null : With(stage, option);
        return stage;
    }

    private static ResolutionStage? With(ResolutionStage stage, string option) => option switch
    {
        KeepCurve => stage with { RestartsCurve = false },
        KeepOptimizer => stage with { RestartsOptimizer = false },
        RestartMemory => stage with { RestartsMemory = true },
        _ when ValueOf(option, Batch) is { } text => Whole(text, 2) is { } size ? stage with { BatchSize = size } : null,
        _ when ValueOf(option, Rate) is { } text => Positive(text) is { } rate ? stage with { LearningRate = rate } : null,
        _ => null,
    };

    private static string? ValueOf(string option, string name) => option.StartsWith(name, StringComparison.Ordinal) ? option[name.Length..] : null;

    private static int? Whole(string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least ? number : null;

    private static double? Positive(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number)
            && number > 0 && double.IsFinite(number) ? number : null;
}
