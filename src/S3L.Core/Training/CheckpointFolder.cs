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
    /// Another run has it, or it holds checkpoints, and the run is not to be resumed.
    /// </exception>
    internal static IDisposable Take(CheckpointOptions options)
    {
        Directory.CreateDirectory(options.Folder);
        FileStream held = LockFile.TryTake(Path.Combine(options.Folder, Lock), FileOptions.DeleteOnClose) ?? throw new ArgumentException(
            $"Options.Checkpoints.Folder must be one that no other run uses, but another run uses '{options.Folder}'. " +
            "Wait until that one has ended, or give this run a folder of its own.");
        if (options.Resume || FilesOf(options.Folder) is not [string newest, ..]) return held;
        held.Dispose();
        throw new ArgumentException($"Options.Checkpoints.Folder holds {Path.GetFileName(newest)} of an earlier run. " +
            "Set Resume to go on with it, or give this run a folder of its own.");
    }

    /// <summary>The newest file that was written or resumed from; null before the first.</summary>
    internal string? Last { get; private set; }

    /// <summary>The newest undamaged checkpoint; null where there is none. The caller owns it.</summary>
    /// <exception cref="ArgumentException">It is of another run.</exception>
    /// <exception cref="InvalidDataException">There are checkpoints, but all are damaged.</exception>
    internal TrainingSnapshot? Newest()
    {
        string[] files = Files();
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

    internal void Write(TrainingSnapshot snapshot)
    {
        string name = Prefix + snapshot.Facts.Cursor.RunStep.ToString("d9", CultureInfo.InvariantCulture) + Suffix;
        string path = Path.Combine(_options.Folder, name);
        CheckpointFile.Save(path, snapshot, _identity);
        Last = path;
        // Only what this run has outlived: files that were passed over as damaged are evidence.
        foreach (string old in Files().Where(f => StepOf(f) <= snapshot.Facts.Cursor.RunStep).Skip(_options.KeepLast)) File.Delete(old);
    }

    /// <summary>Keeps a snapshot beside the newest ones, in the place of the one that was best so far.</summary>
    internal void WriteBest(TrainingSnapshot snapshot) => CheckpointFile.Save(Path.Combine(_options.Folder, Best), snapshot, _identity);

    /// <summary>All checkpoints, newest first.</summary>
    private string[] Files() => FilesOf(_options.Folder);

    private static string[] FilesOf(string folder) =>
        [.. Directory.GetFiles(folder, Prefix + "*" + Suffix).Where(f => StepOf(f) >= 0).OrderByDescending(StepOf)];

    private static long StepOf(string file)
    {
        string name = Path.GetFileName(file);
        return long.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture,
            out long step) ? step : -1;
    }
}
