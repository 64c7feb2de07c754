using S3L.Core.Data;
using S3L.Core.Schedules;
using S3L.Core.Training;
using Spectre.Console;

namespace Pretrain;

/// <summary>A live display on a terminal, plain lines elsewhere.</summary>
internal sealed class Display(ResolutionSchedule schedule)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private readonly bool _live = AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;
    private TimeSpan _lastLine = -BetweenLines;
    private TimeSpan _lastDecodingLine;

    /// <summary>Time since the start and images per second, at each report of the training.</summary>
    public List<(TimeSpan Elapsed, double ImagesPerSecond)> Reports { get; } = [];

    public static void Say(string line) => Console.WriteLine(line);

    public ImageCache Decode(string name, int count, Func<IProgress<ImageCacheProgress>?, ImageCache> decode)
    {
        _lastDecodingLine = TimeSpan.Zero;
        ImageCache cache = _live
            ? AnsiConsole.Progress().AutoClear(true).Start(context =>
            {
                ProgressTask task = context.AddTask($"Decoding {count:n0} {name} pictures", maxValue: count);
                return decode(new Report<ImageCacheProgress>(p =>
                {
                    task.Value = p.Done;
                    task.Description = Markup.Escape(Line(name, p));
                }));
            })
            : decode(new Report<ImageCacheProgress>(p => WriteLine(name, p)));
        Say($"{cache.Count} {name} pictures ({cache.Skipped.Count} skipped), " +
            $"{cache.ClassNames.Count} classes, grid of {string.Join(" and ", cache.LevelSizes.Select(size => $"{size}×{size}"))}" +
            (cache.File is { } file ? $", {cache.DecodedCount} decoded now, kept in {file}" : ""));
        return cache;
    }

    public TrainingResult Train(Func<IProgress<TrainingProgress>, TrainingResult> train)
    {
        if (!_live) return train(Reporting(WriteLine));
        return AnsiConsole.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask("Starting");
                return train(Reporting(p =>
                {
                    task.MaxValue = p.Position.RunStepCount;
                    task.Value = p.Position.RunStep + 1;
                    task.Description = Markup.Escape(Line(p));
                }));
            });
    }

    private void WriteLine(string name, ImageCacheProgress progress)
    {
        if (progress.Elapsed - _lastDecodingLine < BetweenLines) return;
        _lastDecodingLine = progress.Elapsed;
        Say(Line(name, progress));
    }

    private static string Line(string name, ImageCacheProgress progress) => $"Decoding {name} pictures: {progress}";

    private Report<TrainingProgress> Reporting(Action<TrainingProgress> show) => new(p =>
    {
        Reports.Add((p.Elapsed, p.ImagesPerSecond));
        show(p);
    });

    private void WriteLine(TrainingProgress progress)
    {
        if (progress.Elapsed - _lastLine < BetweenLines) return;
        _lastLine = progress.Elapsed;
        Say(Line(progress));
    }

    private string Line(TrainingProgress p) =>
        FormattableString.Invariant($"stage {p.Position.Stage + 1}/{schedule.Count} {p.Resolution} px, ") +
        FormattableString.Invariant($"epoch {p.Position.Epoch + 1}/{p.Position.EpochCount}, loss {p.Loss:f4}, ") +
        FormattableString.Invariant($"{p.ImagesPerSecond:f0} images/s, {InSeconds(p.Remaining)} left");

    private static TimeSpan InSeconds(TimeSpan time) => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds));

    /// <summary>Reports on the thread that works: System.Progress would post to another and lose the order.</summary>
    private sealed class Report<T>(Action<T> handle) : IProgress<T>
    {
        void IProgress<T>.Report(T value) => handle(value);
    }
}
