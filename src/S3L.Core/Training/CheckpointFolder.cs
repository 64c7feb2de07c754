using System.Globalization;
using Microsoft.Extensions.Logging;
using S3L.Core.Data;

namespace S3L.Core.Training;

/// <summary>The checkpoints of one run, by step. A damaged one is passed over, and said so.</summary>
internal sealed class CheckpointFolder
{
    private const string Prefix = "step-";
    private const string Suffix = ".safetensors";
    private const string Best = "best" + Suffix;
    private const string Lock = "run.lock";

    private readonly CheckpointOptions _options;
    private readonly IReadOnlyDictionary<string, string> _identity;
    private readonly ILogger _logger;

    /// <param name="options">Where and how often; the folder is <see cref="Take">taken</see>.</param>
    /// <param name="identity">What tells this run from others.</param>
    /// <param name="logger">Told what is passed over.</param>
    internal CheckpointFolder(CheckpointOptions options, IReadOnlyDictionary<string, string> identity, ILogger logger)
    {
        (_options, _identity, _logger) = (options, identity, logger);
        // What a killed process was writing; this run need not come to write a file of that name.
        string[] halves = [.. Directory.GetFiles(options.Folder, Prefix + "*" + Suffix + ".part"), Path.Combine(options.Folder, Best + ".part")];
        foreach (string half in halves) File.Delete(half);
    }

    /// <summary>Makes the folder where it is missing, and takes it for one run until disposed: two would delete each other's files.</summary>
    /// <exception cref="ArgumentException">
    /// It cannot be written, another run has it, or it holds checkpoints, and the run is not to be resumed.
    /// </exception>
    internal static IDisposable Take(CheckpointOptions options)
    {
        FileStream held = TryLock(options.Folder) ?? throw new ArgumentException(
            $"Options.Checkpoints.Folder must be one that no other run uses, but another run uses '{options.Folder}'. " +
            "Wait until that one has ended, or give this run a folder of its own.");
        if (options.Resume || BeginningsIn(options.Folder) is not [string newest, ..]) return held;
        held.Dispose();
        throw new ArgumentException($"Options.Checkpoints.Folder holds {Path.GetFileName(newest)} of an earlier run. " +
            "Set Resume to go on with it, or give this run a folder of its own.");
    }

    private static FileStream? TryLock(string folder)
    {
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(folder);
            held = LockFile.TryTake(Path.Combine(folder, Lock), FileOptions.DeleteOnClose);
            // A full disk lets files be made, but not filled.
            held?.WriteByte(0);
            return held;
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            held?.Dispose();
            throw new ArgumentException($"Options.Checkpoints.Folder must be one that can be written, but '{folder}' cannot: {e.Message}", e);
        }
    }

    /// <summary>The newest file that was written or resumed from; null before the first.</summary>
    internal string? Last { get; private set; }

    /// <summary>The newest undamaged checkpoint; null where there is none. The caller owns it.</summary>
    /// <exception cref="ArgumentException">It is of another run.</exception>
    /// <exception cref="InvalidDataException">There are checkpoints, but all are damaged.</exception>
    internal TrainingSnapshot? Newest()
    {
        string[] files = BeginningsIn(_options.Folder);
        foreach (string file in files)
        {
            try
            {
                (TrainingSnapshot snapshot, IReadOnlyDictionary<string, string> identity) = CheckpointFile.Load(file);
                try
                {
                    RunIdentity.Check(identity, _identity, file);
                }
                catch
                {
                    snapshot.Dispose();
                    throw;
                }

                Last = file;
                return snapshot;
            }
            catch (InvalidDataException damaged)
            {
                _logger.LogWarning("Passed over a checkpoint: {Reason}", damaged.Message);
            }
        }

        return files.Length == 0
            ? null
            : throw new InvalidDataException(
                $"All checkpoints in '{_options.Folder}' are damaged: {string.Join(", ", files.Select(Path.GetFileName))}.");
    }

    internal bool IsDue(RunCursor cursor) => _options.EverySteps is { } steps ? cursor.RunStep % steps == 0 : cursor.EpochStep == 0;

    /// <summary>Writes a checkpoint and deletes those that it takes the place of.</summary>
    internal void Write(TrainingSnapshot snapshot)
    {
        string name = Prefix + snapshot.Facts.Cursor.RunStep.ToString("d9", CultureInfo.InvariantCulture) + Suffix;
        string path = Path.Combine(_options.Folder, name);
        if (!Try("written", path, () => CheckpointFile.Save(path, snapshot, _identity))) return;
        Last = path;
        // Only what this run has outlived: files that were passed over as damaged are evidence.
        foreach (string old in FilesOf(_options.Folder).Where(f => StepOf(f) <= snapshot.Facts.Cursor.RunStep).Skip(_options.KeepLast))
        {
            Try("deleted", old, () => File.Delete(old));
        }
    }

    /// <summary>Keeps a snapshot beside the newest ones, in the place of the one that was best so far.</summary>
    internal void WriteBest(TrainingSnapshot snapshot)
    {
        string path = Path.Combine(_options.Folder, Best);
        Try("written", path, () => CheckpointFile.Save(path, snapshot, _identity));
    }

    /// <summary>A run of hours is worth more than one of its files: what fails for the disk's sake is said, and no more.</summary>
    private bool Try(string what, string file, Action act)
    {
        try
        {
            act();
            return true;
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            _logger.LogError("'{File}' could not be {What}, and the run goes on without that: {Reason}", file, what, e.Message);
            return false;
        }
    }

    private static bool IsOfDisk(Exception error) => error is IOException or UnauthorizedAccessException;

    /// <summary>
    /// What a run can go on from, newest first. The best is a checkpoint as well: it counts where it is the only one, as in a run that ended
    /// before the first of the others was due.
    /// </summary>
    private static string[] BeginningsIn(string folder) =>
        FilesOf(folder) is [_, ..] files ? files : [.. Directory.GetFiles(folder, Best)];

    /// <summary>All checkpoints but the best, newest first.</summary>
    private static string[] FilesOf(string folder) =>
        [.. Directory.GetFiles(folder, Prefix + "*" + Suffix).Where(f => StepOf(f) >= 0).OrderByDescending(StepOf)];

    private static long StepOf(string file)
    {
        string name = Path.GetFileName(file);
        return long.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture,
            out long step) ? step : -1;
    }
}
