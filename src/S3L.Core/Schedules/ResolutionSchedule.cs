using System.Collections;

namespace S3L.Core.Schedules;

/// <summary>
/// The resolutions of a run, in order. Small resolutions first are what makes pretraining cheap (arXiv 2103.13559, section 3.1);
/// unless a stage says otherwise it starts with a fresh optimizer and a fresh learning-rate curve from the weights of the one before.
/// </summary>
public sealed partial class ResolutionSchedule : IReadOnlyList<ResolutionStage>, IEquatable<ResolutionSchedule>
{
    private readonly ResolutionStage[] _stages;

    /// <summary>Stages in the order in which they run.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public ResolutionSchedule(params IEnumerable<ResolutionStage> stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        _stages = [.. stages];
        if (_stages.Length == 0) throw new ArgumentException("stages must hold at least one stage, but is empty.", nameof(stages));
        if (Array.IndexOf(_stages, null) >= 0) throw new ArgumentException("stages must not hold null.", nameof(stages));
    }

    /// <summary>How many stages there are.</summary>
    public int Count => _stages.Length;

    /// <summary>Epochs of all stages together.</summary>
    public int Epochs => _stages.Sum(s => s.Epochs);

    /// <summary>The highest resolution, in pixels.</summary>
    public int HighestResolution => _stages.Max(s => s.Resolution);

    /// <summary>One stage, by its number from 0.</summary>
    public ResolutionStage this[int index] => _stages[index];

    /// <summary>One resolution throughout.</summary>
    public static ResolutionSchedule Constant(int resolution, int epochs) => new(new ResolutionStage(resolution, epochs));

    /// <summary>Several resolutions, each for so many epochs.</summary>
    public static ResolutionSchedule Stages(params ReadOnlySpan<(int Resolution, int Epochs)> stages)
    {
        var made = new ResolutionStage[stages.Length];
        for (int i = 0; i < made.Length; i++) made[i] = new ResolutionStage(stages[i].Resolution, stages[i].Epochs);
        return new ResolutionSchedule(made);
    }

    /// <summary>Reads stages separated by commas, each as <see cref="ResolutionStage.Parse"/> does: <c>56x100,112x100:batch=64</c>.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static ResolutionSchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ResolutionSchedule(text.Split(',').Select(part => ResolutionStageText.Read(part.Trim())
            ?? throw new FormatException($"{ResolutionStageText.Form}, several separated by commas, but '{part.Trim()}' in '{text}' does not.")));
    }

    /// <summary>The resolution at a position, in pixels.</summary>
    public int ResolutionAt(TrainingPosition position) => _stages[position.Stage].Resolution;

    /// <inheritdoc/>
    public IEnumerator<ResolutionStage> GetEnumerator() => ((IEnumerable<ResolutionStage>)_stages).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() => string.Join(",", (object[])_stages);

    /// <summary>True where all stages are equal.</summary>
    public bool Equals(ResolutionSchedule? other) => other is not null && _stages.AsSpan().SequenceEqual(other._stages);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ResolutionSchedule);

    /// <inheritdoc/>
    public override int GetHashCode() => _stages.Aggregate(17, HashCode.Combine);
}
