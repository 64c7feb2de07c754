using System.Diagnostics;
using Microsoft.Extensions.Logging;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Engine;
using S3L.Core.Methods;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>One run from its first step, or from a snapshot, to its last. All that changes during a run is here.</summary>
internal sealed class TrainingSession : IDisposable
{
    private readonly IContrastiveMethod _method;
    private readonly ImageCache _images;
    private readonly TrainerOptions _options;
    private readonly ILogger _logger;
    private readonly torch.Device _device;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly IEpochProbe? _probe;
    private readonly RunPlan _plan;
    private readonly BatchSource _batches;
    private readonly CheckpointFolder? _checkpoints;
    // Stands still while something is done that is no step.
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ThroughputMeter _meter;
    private readonly List<StageResult> _stages = [];
    private readonly List<StepMetrics> _metrics = [];
    private readonly List<TrainingWarning> _warnings = [];
    private readonly List<EpochScore> _scores = [];
    private readonly LossRecorder _losses = new();
    private readonly TrainingGuard _guard;
    private readonly bool _isReplayed;
    private RunCursor _cursor;
    private TrainingPosition _position;
    private StageRun? _stage;
    // The last step of a stage whose optimizer the next one takes over, or that a limit ended.
    private TrainingStep? _kept;
    private TrainingSnapshot? _healthy;
    private bool _isWhole = true;
    private double _waitedBefore;
    private double _rateFactor = 1;
    private int _rollBacks;

    internal TrainingSession(IContrastiveMethod method, ImageCache images, ResolutionSchedule schedule, TrainerOptions options, ILogger logger,
        torch.Device device, IProgress<TrainingProgress>? progress, IEpochProbe? probe)
    {
        (_method, _images, _options, _logger, _device, _progress, _probe) = (method, images, options, logger, device, progress, probe);
        _plan = new RunPlan(schedule, images.Count, options);
        _meter = new ThroughputMeter(_clock);
        if (options.Checkpoints is { } checkpoints)
        {
            _checkpoints = new CheckpointFolder(checkpoints, RunIdentity.Of(method, images, schedule, options), logger);
        }

        _guard = new TrainingGuard(options.Guarding, method.Name, MetricsProbe.WeightNorm(method));
        _isReplayed = StageSteps.CanReplay(options.StepReplay, method, device, logger);
        _batches = new BatchSource(images, options.Augmentations, method.ViewCount, options.Seed, device);
    }

    /// <summary>The one whose optimizer has a state that is still needed; null between stages that share none.</summary>
    private TrainingStep? CurrentStep => _stage?.Step ?? _kept;

    internal TrainingResult Run(CancellationToken cancellation)
    {
        try
        {
            _images.MoveTo(_device);
            BeginOrResume(cancellation);
            RunSteps(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            KeepWhatIsDone();
            throw;
        }
        catch (Exception e) when (EngineSeam.IsOutOfMemory(e))
        {
            throw OutOfMemory(e);
        }

        return new TrainingResult(_losses.Losses, _stages, _images.Count, _images.Skipped, _waitedBefore + _batches.WaitSeconds, _metrics, _warnings)
        {
            Scores = _scores,
            SecondsToFirstStep = _meter.ToFirstStep?.TotalSeconds ?? 0,
        };
    }

    private void BeginOrResume(CancellationToken cancellation)
    {
        TrainingSnapshot? snapshot = _options.Checkpoints is { Resume: true } ? _checkpoints!.Newest() : null;
        try
        {
            _method.Begin(RunFrom(0, isResumed: snapshot is not null, cancellation));
            if (snapshot is not null) Resume(snapshot);
        }
        finally
        {
            KeepOrDispose(snapshot);
        }
    }

    private void RunSteps(CancellationToken cancellation)
    {
        if (_stage is { } cut && _plan.IsOver(_cursor)) EndStage(cut, _cursor.StageStep);
        // A run that was stopped while a probe measured lacks that epoch's score.
        if (_cursor.RunStep > 0 && _probe is { } interrupted && IsProbeDue() && _scores.All(s => s.RunStep != _cursor.RunStep))
        {
            int resolution = _plan.Schedule[_cursor.StageStep > 0 ? _cursor.Stage : _cursor.Stage - 1].Resolution;
            Aside(() => Probe(interrupted, resolution, cancellation));
        }

        while (!_plan.IsOver(_cursor))
        {
            cancellation.ThrowIfCancellationRequested();
            TrainingPosition position = _position = _plan.PositionAt(_cursor);
            StageRun stage = StageAt(_cursor.Stage, cancellation);
            KeepHealthyState();
            RunCursor next = _plan.After(_cursor);
            bool report = next.RunStep % _options.ReportEverySteps == 0 || _plan.IsOver(next) || next.Stage != _cursor.Stage;
            torch.Tensor? metrics = Step(stage, position, report);
            _meter.AfterStep(_plan.PixelsOf(stage.Number));
            _cursor = next;
            if (metrics is not null && !Report(stage, position, metrics)) continue;
            if (_cursor.Stage != stage.Number || _plan.IsOver(_cursor)) EndStage(stage, position.Step + 1);
            if (_probe is not null && IsProbeDue()) Aside(() => Probe(_probe, stage.Resolution, cancellation));
            if (_checkpoints is not null && !_plan.IsOver(_cursor) && _checkpoints.IsDue(_cursor)) Aside(Save);
        }
    }

    /// <summary>Does what is no part of a step: stages and their images per second are timed without it.</summary>
    private void Aside(Action work)
    {
        _clock.Stop();
        try
        {
            work();
        }
        finally
        {
            _clock.Start();
        }
    }

    private TrainingFailedException OutOfMemory(Exception error)
    {
        int number = _position.Stage;
        string expected = _stage?.Number == number ? _stage.Memory?.InRetrospect ?? "" : "";
        string message = $"Memory of {_device} ran out in stage {number + 1} ({_plan.Schedule[number].Resolution} px, batch " +
            $"{_plan.BatchSizeOf(number)}).{expected} A smaller batch, a lower resolution or fewer stages of the network take less.";
        return new TrainingFailedException(new TrainingWarning(_position, TrainingFailure.OutOfMemory, message), _checkpoints?.Last, error);
    }

    public void Dispose()
    {
        _stage?.Dispose();
        _kept?.Dispose();
        _healthy?.Dispose();
        _losses.Dispose();
        _batches.Dispose();
    }

    private TrainingRun RunFrom(int stage, bool isResumed, CancellationToken cancellation) => new(_images.Count, _plan.ScheduledStepCount, _device)
    {
        BatchSize = _plan.BatchSizeOf(stage),
        LeastBatchSize = _plan.LeastBatchSize,
        EveryImage = _batches.EveryImage(_plan.BatchSizeOf(stage), _plan.Schedule[stage].Resolution, cancellation),
        IsResumed = isResumed,
    };

    private void Resume(TrainingSnapshot snapshot)
    {
        SnapshotFacts facts = snapshot.Facts;
        try
        {
            PutBack(snapshot);
        }
        catch (InvalidDataException other)
        {
            throw new InvalidDataException($"'{_checkpoints!.Last}': {other.Message}", other);
        }

        _rateFactor = facts.RateFactor;
        _rollBacks = facts.RollBacks;
        _guard.FirstWeightNorm = facts.FirstWeightNorm;
        _waitedBefore = facts.WaitSeconds;
        _losses.GoOnAfter(facts.Losses);
        _metrics.AddRange(facts.Metrics);
        _stages.AddRange(facts.Stages);
        _warnings.AddRange(facts.Warnings);
        _scores.AddRange(facts.Scores);
        _logger.LogInformation("Resumed from {File} at step {Step} of {Count}", _checkpoints!.Last, facts.Cursor.RunStep, _plan.StepCount);
    }

    /// <summary>Weights, optimizer, random numbers and place of a snapshot.</summary>
    private void PutBack(TrainingSnapshot snapshot)
    {
        _stage?.Dispose();
        _kept?.Dispose();
        (_stage, _kept) = (null, null);
        _cursor = snapshot.Facts.Cursor;
        if (_cursor.StageStep > 0) _stage = MakeStage(_cursor.Stage, snapshot.Facts.Format, "as when it began", snapshot.Facts);
        else if (_plan.KeepsOptimizer(_cursor.Stage)) _kept = NewStep(_cursor.Stage - 1, snapshot.Facts.Format);
        snapshot.Restore(_method, CurrentStep?.Update);
        _meter.GoOnFrom(_cursor.RunStep);
    }

    private StageRun StageAt(int number, CancellationToken cancellation)
    {
        if (_stage is { } current) return current;
        ResolutionStage settings = _plan.Schedule[number];
        int batchSize = _plan.BatchSizeOf(number);
        (NetworkFormat format, string reason) = NetworkFormat.Choose(_options.Precision, _method.Backbone, settings.Resolution, batchSize, _device,
            _isReplayed, Path.GetDirectoryName(_images.File));
        _logger.LogInformation("Stage {Stage}: {Resolution} px, {Epochs} epochs, batch {Batch}, {Precision} ({Reason})",
            number + 1, settings.Resolution, settings.Epochs, batchSize, format.Precision, reason);
        _stage = MakeStage(number, format, reason);
        TrainingPosition curve = _plan.CurvePositionAt(_cursor);
        _stage.Announce(_logger, _images, _device, _options.LearningRateSchedule.WarmupSteps(curve) / curve.StepCount);

        if (_kept is not null) _stage.Step.Update.TakeOver(_kept.Update);
        _kept?.Dispose();
        _kept = null;
        if (number > 0 && settings.RestartsMemory)
        {
            // Until it is through, the method is nothing that a run could go on from.
            _isWhole = false;
            Aside(() => _method.RestartMemory(RunFrom(number, isResumed: false, cancellation)));
            _isWhole = true;
        }

        return _stage;
    }

    /// <param name="number">Number of the stage, from 0.</param>
    /// <param name="format">Number format and layout.</param>
    /// <param name="reason">Why the format is used.</param>
    /// <param name="before">The snapshot that the stage goes on from; null at its beginning.</param>
    private StageRun MakeStage(int number, NetworkFormat format, string reason, SnapshotFacts? before = null)
    {
        ResolutionStage settings = _plan.Schedule[number];
        int batchSize = _plan.BatchSizeOf(number);
        TrainingStep step = NewStep(number, format);
        var steps = new StageSteps(_batches, step, batchSize, settings.Resolution,
            () => _isReplayed ? EngineSeam.NewRecording(_device, out _) : null, _options.StepReplay == StepReplay.Auto, _logger);
        // Before the stage's clock starts: on a GPU it takes seconds.
        MemoryEstimate? memory = MemoryEstimate.Of(_method, format, settings.Resolution, batchSize, _device);
        int enlarged = Enumerable.Range(0, _images.Count).Select(_images.SizeOf).Count(s => Math.Min(s.Width, s.Height) < settings.Resolution);
        Activity? activity = TrainingTelemetry.StartStage(number, settings, batchSize, format.Precision);
        return new StageRun(number, settings, batchSize, format, step, steps, activity, enlarged, _clock)
        {
            Reason = reason,
            Memory = memory,
            SecondsBefore = before?.StageSeconds ?? 0,
            ReplayedBefore = before?.StageReplayedSteps ?? 0,
        };
    }

    private TrainingStep NewStep(int stage, NetworkFormat format) =>
        new(_method, format, _options, _plan.Schedule[stage].LearningRate ?? _options.LearningRate, _device);

    private torch.Tensor? Step(StageRun stage, TrainingPosition position, bool measure)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        stage.Step.Prepare(position, _plan.CurvePositionAt(_cursor), _rateFactor);
        MethodOutput output = stage.Steps.Pass(_cursor);
        torch.Tensor? metrics = measure ? stage.Step.Measure(output) : null;
        stage.Steps.Change(position);
        _losses.Add(position, output.Loss.detach());
        return metrics?.MoveToOuterDisposeScope();
    }

    /// <summary>Reads losses and metrics, asks the guard, tells the listener.</summary>
    /// <returns>Whether the run goes on from where it is; false after a return to a healthy state.</returns>
    private bool Report(StageRun stage, TrainingPosition position, torch.Tensor measured)
    {
        TrainingMetrics metrics = MetricsProbe.Read(measured);
        measured.Dispose();
        (double loss, (TrainingPosition Position, float Loss)? bad) = _losses.Read();
        TrainingWarning? warning = bad is { } b ? TrainingGuard.NotANumber(b.Position, b.Loss) : _guard.Look(position, metrics, stage.BatchSize);
        _metrics.Add(new StepMetrics(position.RunStep, metrics));
        _meter.Report(_cursor.RunStep, stage.BatchSize);
        _logger.LogDebug("Step {Step}: loss {Loss:f4}, {Rate:f1} images/s", position.RunStep, loss, _meter.ImagesPerSecond);
        var progress = new TrainingProgress(position, stage.Resolution, loss, stage.Step.LearningRate, _meter.ImagesPerSecond, _meter.Elapsed,
            _meter.Remaining(_plan.PixelsFrom(_cursor)), metrics, warning);
        TrainingTelemetry.Report(_method, progress, _meter.Images);
        _progress?.Report(progress);
        return warning is null || Answer(warning, mustEnd: bad is not null);
    }

    private bool Answer(TrainingWarning warning, bool mustEnd)
    {
        _warnings.Add(warning);
        GuardAction action = _options.Guarding.Action;
        if (action == GuardAction.RollBack && _healthy is { } healthy && _rollBacks < _options.Guarding.MostRollBacks)
        {
            GoBackTo(healthy);
            _logger.LogWarning("{Warning} Went back to step {Step} with {Factor:g3} of the learning rate.",
                warning.Message, _cursor.RunStep, _rateFactor);
            return false;
        }

        if (mustEnd || action is GuardAction.Stop or GuardAction.RollBack) throw new TrainingFailedException(warning, _checkpoints?.Last);
        _logger.LogWarning("{Warning}", warning.Message);
        return true;
    }

    private void KeepHealthyState()
    {
        GuardOptions guarding = _options.Guarding;
        if (guarding.Action == GuardAction.RollBack && _cursor.RunStep % guarding.SnapshotEverySteps == 0 && IsHealthy())
        {
            KeepOrDispose(TakeSnapshot());
        }
    }

    /// <summary>
    /// Keeps a snapshot to go back to, where that is wanted. Checkpoints are among them: a run that was ended and resumed then goes back to
    /// where it would have gone back to without the end.
    /// </summary>
    private void KeepOrDispose(TrainingSnapshot? snapshot)
    {
        if (_options.Guarding.Action == GuardAction.RollBack && snapshot is not null) (snapshot, _healthy) = (_healthy, snapshot);
        snapshot?.Dispose();
    }

    /// <summary>Whether the run is worth going back to as it is now. The last report knows of no step since, nor of its own step's update.</summary>
    private bool IsHealthy() => _guard.IsHealthy && _losses.AreFinite() && _guard.Allows(MetricsProbe.WeightNorm(_method));

    private void GoBackTo(TrainingSnapshot snapshot)
    {
        PutBack(snapshot);
        _losses.CutTo(_cursor.RunStep);
        _metrics.RemoveAll(m => m.RunStep >= _cursor.RunStep);
        _scores.RemoveAll(s => s.RunStep > _cursor.RunStep);
        _stages.RemoveRange(snapshot.Facts.Stages.Count, _stages.Count - snapshot.Facts.Stages.Count);
        _rollBacks++;
        _rateFactor /= 2;
        _guard.Forget();
    }

    private bool IsProbeDue() =>
        _plan.IsOver(_cursor) || (_cursor.EpochStep == 0 && _cursor.RunEpoch % _options.ProbeEveryEpochs == 0);

    /// <summary>Asks the probe, and keeps the best checkpoint apart.</summary>
    private void Probe(IEpochProbe probe, int resolution, CancellationToken cancellation)
    {
        double score = probe.Measure(_method.Backbone, resolution, cancellation);
        bool isBest = _scores.All(s => score > s.Score);
        _scores.Add(new EpochScore(_cursor.RunEpoch, _cursor.RunStep, score));
        _logger.LogInformation("Epoch {Epoch}: score {Score:f4}{Best}", _cursor.RunEpoch, score, isBest ? ", the best so far" : "");
        if (!isBest || _checkpoints is null || !IsHealthy()) return;
        using TrainingSnapshot snapshot = TakeSnapshot();
        _checkpoints.WriteBest(snapshot);
    }

    /// <summary>Saves a run that is being stopped, between two steps or while a probe measures.</summary>
    private void KeepWhatIsDone()
    {
        if (!_isWhole || _cursor.RunStep == 0 || _options.Checkpoints is not { SaveWhenCancelled: true }) return;
        Save();
        _logger.LogInformation("Stopped at step {Step} of {Count}; the last checkpoint is {File}", _cursor.RunStep, _plan.StepCount,
            _checkpoints!.Last ?? "none");
    }

    /// <summary>Writes a checkpoint, unless the run is in trouble: what is kept is worth going back to.</summary>
    private void Save()
    {
        TrainingSnapshot? snapshot = IsHealthy() ? TakeSnapshot() : null;
        try
        {
            if (snapshot is not null) _checkpoints!.Write(snapshot);
            else _logger.LogWarning("No checkpoint at step {Step}: the run looks collapsed or diverged there", _cursor.RunStep);
        }
        finally
        {
            KeepOrDispose(snapshot);
        }
    }

    private TrainingSnapshot TakeSnapshot()
    {
        // Where a limit ended the run within a stage, a run with a higher one goes on with it.
        StageResult? cut = _stage is null && _cursor.StageStep > 0 ? _stages[^1] : null;
        return TrainingSnapshot.Take(_method, CurrentStep?.Update,
            new SnapshotFacts(_cursor, CurrentStep?.Format ?? NetworkFormat.Plain, _rateFactor, _rollBacks, _guard.FirstWeightNorm,
                _stage?.Seconds ?? cut?.Seconds ?? 0, _stage?.ReplayedSteps ?? cut?.ReplayedSteps ?? 0, _waitedBefore + _batches.WaitSeconds,
                [.. _losses.Losses], [.. _metrics], [.. cut is null ? _stages : _stages.SkipLast(1)], [.. _warnings], [.. _scores]));
    }

    private void EndStage(StageRun stage, long steps)
    {
        _stages.Add(stage.Result(steps));
        TrainingStep last = stage.End();
        _stage = null;
        if (_cursor.StageStep > 0 || _plan.KeepsOptimizer(stage.Number + 1)) _kept = last;
        else last.Dispose();
    }
}
