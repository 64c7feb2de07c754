using System.Text;

namespace S3L.Core.Data;

/// <summary>Which files of a source make up one part of CIFAR, and how their records are built.</summary>
/// <param name="Files">Index within the source of each batch, in order.</param>
/// <param name="Classes">Ten or a hundred.</param>
internal sealed record CifarLayout(int[] Files, int Classes)
{
    public const int Side = 32;

    private static readonly string[] s_train10 = [.. Enumerable.Range(1, 5).Select(batch => $"data_batch_{batch}.bin")];
    private static readonly string[] s_test10 = ["test_batch.bin"];
    private static readonly string[] s_train100 = ["train.bin"];
    private static readonly string[] s_test100 = ["test.bin"];

    /// <summary>Bytes before the label that is used: CIFAR-100 puts the coarse label first.</summary>
    public int LabelOffset => Classes == 10 ? 0 : 1;

    public int RecordBytes => LabelOffset + 1 + (3 * Side * Side);

    /// <summary>Whether a source holds the binaries of CIFAR at all, and no pictures of the ordinary kind.</summary>
    public static bool IsPresent(FileSource source) =>
        source.Paths.Any(path => IsOneOf(path, [.. s_train10, .. s_test10, .. s_train100, .. s_test100]))
        && !source.Paths.Any(FolderLayout.IsPicture);

    /// <exception cref="InvalidDataException">A file of that part is missing.</exception>
    public static CifarLayout Find(FileSource source, bool train)
    {
        bool isTen = source.Paths.Any(path => IsOneOf(path, [.. s_train10, .. s_test10]));
        string[] wanted = (isTen, train) switch
        {
            (true, true) => s_train10,
            (true, false) => s_test10,
            (false, true) => s_train100,
            (false, false) => s_test100,
        };
        int[] files = [.. wanted.Select(name => IndexOf(source, name))];
        int missing = Array.IndexOf(files, -1);
        if (missing < 0)
            return new CifarLayout(files, isTen ? 10 : 100);
        string needed = isTen || source.Paths.Any(path => IsOneOf(path, [.. s_train100, .. s_test100]))
            ? wanted[missing]
            : "the binary version of CIFAR: data_batch_1.bin … data_batch_5.bin and test_batch.bin, or train.bin and test.bin";
        string[] binaries = [.. source.Paths.Where(path => path.EndsWith(".bin", StringComparison.OrdinalIgnoreCase))];
        string found = binaries.Length == 0
            ? $"holds no .bin files among its {source.Paths.Count} files"
            : $"holds only {string.Join(", ", binaries.Take(10))}";
        throw new InvalidDataException($"'{source.Location}' must hold {needed}, but {found}.");
    }

    /// <summary>The names from the text file beside the batches, or the labels' digits where there is none.</summary>
    public string[] ReadClassNames(FileSource source)
    {
        int file = IndexOf(source, Classes == 10 ? "batches.meta.txt" : "fine_label_names.txt");
        if (file < 0)
            return [.. Enumerable.Range(0, Classes).Select(label => $"{label}")];
        using PooledBytes bytes = source.Read(file);
        string[] names = Encoding.UTF8.GetString(bytes.Span)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return names.Length == Classes
            ? names
            : throw new InvalidDataException(
                $"'{source.Paths[file]}' must name {Classes} classes, one a line, but holds {names.Length} lines.");
    }

    private static int IndexOf(FileSource source, string name)
    {
        for (int file = 0; file < source.Paths.Count; file++)
            if (IsOneOf(source.Paths[file], [name]))
                return file;
        return -1;
    }

    private static bool IsOneOf(string path, string[] names) => Array.IndexOf(names, path[(path.LastIndexOf('/') + 1)..]) >= 0;
}
