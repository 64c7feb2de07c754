namespace S3L.Core.Data;

/// <summary>Which files of a source are pictures, and which folder names their class.</summary>
/// <param name="Files">Index within the source of each picture, in order.</param>
/// <param name="Labels">One label per picture; null where unlabelled.</param>
/// <param name="ClassNames">Class of each label; empty where unlabelled.</param>
internal sealed record FolderLayout(int[] Files, int[]? Labels, string[] ClassNames)
{
    private static readonly string[] s_extensions = [".jpg", ".jpeg", ".png", ".webp"];

    public static bool IsPicture(string path) =>
        Array.Exists(s_extensions, extension => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="ArgumentException">There is no such split.</exception>
    /// <exception cref="InvalidDataException">There are no pictures, or some lie in class folders and some beside them.</exception>
    public static FolderLayout Read(FileSource source, string? split, bool ignoreFolders)
    {
        string root = FindRoot(source, split);
        int[] files = [.. Enumerable.Range(0, source.Paths.Count)
            .Where(file => IsInside(source.Paths[file], root) && IsPicture(source.Paths[file]))];
        if (files.Length == 0)
            throw new InvalidDataException(DescribeNoPictures(source, root));
        bool IsNested(int file) => source.Paths[file].IndexOf('/', root.Length) >= 0;
        int nested = files.Count(IsNested);
        if (ignoreFolders || nested == 0)
            return new FolderLayout(files, null, []);
        if (nested < files.Length)
            throw new InvalidDataException(
                $"The pictures of '{source.Location}' must lie either all in class folders or all beside one another, but "
                + $"'{source.Paths[files.First(IsNested)]}' lies in a folder and "
                + $"'{source.Paths[files.First(file => !IsNested(file))]}' does not. "
                + "Open with ignoreFolders: true to take them all as unlabelled.");
        string[] classes = [.. files.Select(file => FirstFolder(source.Paths[file], root)).Distinct().Order(StringComparer.Ordinal)];
        int[] labels =
            [.. files.Select(file => Array.BinarySearch(classes, FirstFolder(source.Paths[file], root), StringComparer.Ordinal))];
        return new FolderLayout(files, labels, classes);
    }

    /// <summary>The prefix, empty or ending with '/', under which the wanted pictures lie.</summary>
    private static string FindRoot(FileSource source, string? split)
    {
        string wrapping = source.IsArchive ? FindWrapping(source.Paths) : "";
        if (split is null)
            return wrapping;
        string wanted = split.Replace('\\', '/').Trim('/') + "/";
        foreach (string candidate in (string[])[wanted, wrapping + wanted])
            if (wanted.Length > 1 && source.Paths.Any(path => IsInside(path, candidate)))
                return candidate;
        string[] folders = Folders(source.Paths, wrapping);
        string existing = folders.Length == 0 ? "it has no folders" : $"its folders are {Quote(folders)}";
        throw new ArgumentException(
            $"split must name a folder of '{source.Location}', but '{split}' is not one: {existing}.", nameof(split));
    }

    /// <summary>The archive's only top-level entry, where that is a directory that holds directories.</summary>
    private static string FindWrapping(IReadOnlyList<string> paths)
    {
        if (paths.Count == 0 || !paths[0].Contains('/'))
            return "";
        string wrapping = paths[0][..(paths[0].IndexOf('/') + 1)];
        bool isOnlyEntry = paths.All(path => IsInside(path, wrapping));
        return isOnlyEntry && paths.Any(path => path.IndexOf('/', wrapping.Length) >= 0) ? wrapping : "";
    }

    private static string DescribeNoPictures(FileSource source, string root)
    {
        string[] others = [.. source.Paths.Where(path => IsInside(path, root))];
        string place = root.Length == 0 ? $"'{source.Location}'" : $"'{root}' of '{source.Location}'";
        string found = others.Length switch
        {
            0 => "it holds no files",
            1 => $"it holds only '{others[0]}'",
            _ => $"it holds {others.Length} other files, the first of them '{others[0]}'",
        };
        return $"{place} must hold pictures ({string.Join(", ", s_extensions)}), but {found}.";
    }

    private static string[] Folders(IReadOnlyList<string> paths, string root) =>
        [.. paths.Where(path => path.IndexOf('/', root.Length) >= 0)
            .Select(path => FirstFolder(path, root)).Distinct().Order(StringComparer.Ordinal)];

    private static string Quote(string[] names)
    {
        const int shown = 10;
        string list = string.Join(", ", names.Take(shown).Select(name => $"'{name}'"));
        return names.Length > shown ? $"{list} and {names.Length - shown} more" : list;
    }

    private static string FirstFolder(string path, string root) => path[root.Length..path.IndexOf('/', root.Length)];

    private static bool IsInside(string path, string root) => path.StartsWith(root, StringComparison.Ordinal);
}
