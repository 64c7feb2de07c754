namespace S3L.Core.Data;

/// <summary>Files of a folder and its sub-folders. Links are followed, except back to a folder that encloses them.</summary>
internal sealed class FolderSource : FileSource
{
    private readonly string _root;
    private readonly string[] _paths;

    public FolderSource(string path)
        : base(path)
    {
        _root = Path.GetFullPath(path);
        List<string> found = [];
        Collect(new DirectoryInfo(_root), "", [RealPath(new DirectoryInfo(_root))], found);
        _paths = [.. found];
        Array.Sort(_paths, StringComparer.Ordinal);
    }

    public override bool IsArchive => false;

    public override IReadOnlyList<string> Paths => _paths;

    public override PooledBytes Read(int index)
    {
        using var handle = File.OpenHandle(Path.Combine(_root, _paths[index]), options: FileOptions.SequentialScan);
        return PooledBytes.Read(handle, 0, RandomAccess.GetLength(handle));
    }

    public override string FactsOf(int index) => FactsOf(Path.Combine(_root, _paths[index]));

    public override void Dispose()
    {
    }

    private static void Collect(DirectoryInfo folder, string prefix, HashSet<string> enclosing, List<string> found)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            if (IsHidden(entry.Name))
                continue;
            if (entry is not DirectoryInfo child)
            {
                found.Add(prefix + entry.Name);
                continue;
            }
            string real = RealPath(child);
            if (!enclosing.Add(real))
                continue;
            Collect(child, $"{prefix}{child.Name}/", enclosing, found);
            enclosing.Remove(real);
        }
    }

    private static string RealPath(DirectoryInfo folder) => folder.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder.FullName;
}
