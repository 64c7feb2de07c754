namespace S3L.Core.Tests.Data;

/// <summary>A folder of its own for one test, deleted afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("s3l-test-").FullName;

    public string At(string relativePath) => System.IO.Path.Combine(Path, relativePath);

    /// <summary>Writes a file, and the folders on the way to it.</summary>
    public string Write(string relativePath, byte[] content)
    {
        string path = At(relativePath);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
