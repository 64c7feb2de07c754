namespace S3L.Core.Data;

/// <summary>A file that is held by one at a time. The lock ends with its process however that ends.</summary>
internal static class LockFile
{
    // Of flock on Linux and macOS; sharing and lock violation on Windows.
    private static readonly int[] s_heldErrors = [11, 35, 32, 33];

    /// <summary>Takes the lock until disposed; null where another has it.</summary>
    internal static FileStream? TryTake(string path, FileOptions options = FileOptions.None)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, options);
        }
        catch (IOException e) when (s_heldErrors.Contains(e.HResult & 0xFFFF))
        {
            return null;
        }
    }
}
