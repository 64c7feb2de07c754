namespace S3L.Core.Data;

/// <summary>Opens a data set without being told its kind.</summary>
public static class ImageDataset
{
    /// <summary>Opens the binary version of CIFAR where the path holds it, and an <see cref="ImageFolder"/> otherwise.</summary>
    /// <param name="path">A folder, or a .tar, .tar.gz or .zip archive.</param>
    /// <param name="split">For CIFAR "train" (also when absent) or "test"; for pictures the sub-folder to read, if any.</param>
    /// <returns>The data set. Dispose it where it is an <see cref="IDisposable"/>.</returns>
    /// <exception cref="FileNotFoundException">There is nothing at <paramref name="path"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty, or there is no such split.</exception>
    /// <exception cref="InvalidDataException">
    /// The content cannot be used; see <see cref="ImageFolder.Open"/> and <see cref="CifarImages.Open"/>.
    /// </exception>
    public static IImageDataset Open(string path, string? split = null)
    {
        FileSource source = FileSource.Open(path);
        try
        {
            if (!CifarLayout.IsPresent(source))
                return new ImageFolder(source, split, ignoreFolders: false);
            var images = new CifarImages(source, split switch
            {
                null or "train" => true,
                "test" => false,
                _ => throw new ArgumentException($"split must be 'train' or 'test' for CIFAR, but is '{split}'.", nameof(split)),
            });
            source.Dispose();
            return images;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }
}
