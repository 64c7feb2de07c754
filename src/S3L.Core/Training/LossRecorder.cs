using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>Keeps the losses of steps on the device until a report reads them all at once.</summary>
internal sealed class LossRecorder : IDisposable
{
    private readonly List<float> _losses = [];
    private readonly List<(TrainingPosition Position, torch.Tensor Loss)> _pending = [];

    internal IReadOnlyList<float> Losses => _losses;

    internal void Add(TrainingPosition position, torch.Tensor loss) => _pending.Add((position, loss.DetachFromDisposeScope()));

    /// <summary>Waits for the device; the mean loss since the last call.</summary>
    /// <exception cref="TrainingDivergedException">A loss is infinite or no number.</exception>
    internal double Read()
    {
        double sum = 0;
        foreach ((TrainingPosition position, torch.Tensor loss) in _pending)
        {
            float value = loss.ToSingle();
            if (!float.IsFinite(value)) throw new TrainingDivergedException(position, value);
            _losses.Add(value);
            sum += value;
        }

        double mean = sum / Math.Max(_pending.Count, 1);
        Dispose();
        return mean;
    }

    public void Dispose()
    {
        foreach ((_, torch.Tensor loss) in _pending) loss.Dispose();
        _pending.Clear();
    }
}
