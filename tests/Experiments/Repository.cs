namespace Experiments;

/// <summary>Where the repository lies: the first folder above this program that holds the solution.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder)
    {
        for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "S3L.Core.sln"))) return at.FullName;
        }

        throw new InvalidOperationException($"No folder above '{folder}' holds S3L.Core.sln.");
    }
}
