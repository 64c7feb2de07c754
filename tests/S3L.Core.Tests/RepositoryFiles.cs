namespace S3L.Core.Tests;

/// <summary>Finds files of the repository from a test's output folder.</summary>
public static class RepositoryFiles
{
    /// <summary>The folder that holds S3L.Core.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>A file or folder below the root.</summary>
    public static string PathTo(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "S3L.Core.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds S3L.Core.sln.");
    }
}
