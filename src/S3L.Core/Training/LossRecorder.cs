using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>Keeps the losses of steps on the device until a report reads them all at once.</summary>
internal sealed class LossRecorder : IDisposable
{
    private readonly List<float> _losses = [];
    private readonly List<(TrainingPosition Position, torch.Tensor Loss)> _pending = [];

    internal IReadOnlyList<float> Losses => _losses;

    internal void Add(TrainingPosition position, torch.Tensor loss) => _pending.Add((position, loss.DetachFromDisposeScope()));

    /// <summary>Waits for the device; the mean loss since the last call, and the first loss that is no finite number, if there is one.</summary>
    internal (double Mean, (TrainingPosition Position, float Loss)? Bad) Read()
    {
        double sum = 0;
        (TrainingPosition, float)? bad = null;
        foreach ((TrainingPosition position, torch.Tensor loss) in _pending)
        {
            float value = loss.ToSingle();
            if (!float.IsFinite(value)) bad ??= (position, value);
            _losses.Add(value);
            sum += value;
        }

        double mean = sum / Math.Max(_pending.Count, 1);
        Dispose();
        return (mean, bad);
    }

    /// <summary>Goes on after the losses of an earlier part of the run.</summary>
    internal void GoOnAfter(IEnumerable<float> earlier) => _losses.AddRange(earlier);

    /// <summary>Forgets all but the first losses of the run.</summary>
    internal void CutTo(long count)
    {
        Dispose();
        if (_losses.Count > count) _losses.RemoveRange((int)count, _losses.Count - (int)count);
    }

    public void Dispose()
    {
        foreach ((_, torch.Tensor loss) in _pending) loss.Dispose();
        _pending.Clear();
    }
}
