using System.Runtime.InteropServices;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>Keeps the losses of steps on the device until a report reads them all at once.</summary>
internal sealed class LossRecorder : IDisposable
{
    private readonly List<float> _losses = [];
    private readonly List<(TrainingPosition Position, torch.Tensor Loss)> _pending = [];
    private double _sum;
    private int _count;
    private (TrainingPosition Position, float Loss)? _bad;

    internal IReadOnlyList<float> Losses => _losses;

    internal void Add(TrainingPosition position, torch.Tensor loss) => _pending.Add((position, loss.DetachFromDisposeScope()));

    /// <summary>Waits for the device; the mean loss since the last call, and the first loss that is no finite number, if there is one.</summary>
    internal (double Mean, (TrainingPosition Position, float Loss)? Bad) Read()
    {
        Collect();
        double mean = _sum / Math.Max(_count, 1);
        (TrainingPosition, float)? bad = _bad;
        (_sum, _count, _bad) = (0, 0, null);
        return (mean, bad);
    }

    /// <summary>Waits for the device; whether all losses since the last <see cref="Read"/> are finite. The next one misses none of them.</summary>
    internal bool AreFinite()
    {
        Collect();
        return _bad is null;
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

    private void Collect()
    {
        if (_pending.Count == 0) return;
        using DisposeScope scope = torch.NewDisposeScope();
        // One copy from the device, and one wait for it.
        torch.Tensor onHost = torch.stack([.. _pending.Select(p => p.Loss.to(torch.float32))], 0).cpu();
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(onHost.bytes);
        for (int i = 0; i < values.Length; i++)
        {
            (TrainingPosition position, float value) = (_pending[i].Position, values[i]);
            if (!float.IsFinite(value)) _bad ??= (position, value);
            _losses.Add(value);
            _sum += value;
            _count++;
        }

        Dispose();
    }
}
