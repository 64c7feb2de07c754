namespace S3L.Core.Data;

/// <summary>Pictures of a folder, or of a .tar, .tar.gz or .zip archive that is read without unpacking it into a folder.</summary>
/// <remarks>
/// <para>Files that end in .jpg, .jpeg, .png or .webp, in any case, are pictures; hidden files and everything else are ignored. Their order
/// is the ordinal order of their paths, so a folder and an archive of it give the same set.</para>
/// <para>Where every picture lies in a sub-folder, the first folder level is the class. Where all lie side by side, there are no
/// labels.</para>
/// <para>Pixels come out upright (EXIF) as 8-bit RGB: transparent pictures over white, CMYK without its colour profile.</para>
/// <para>A .tar.gz is unpacked once to a temporary file of the archive's full size, deleted on disposal.</para>
/// </remarks>
public sealed class ImageFolder : IImageDataset, IDisposable
{
    private readonly FileSource _source;
    private readonly FolderLayout _layout;

    internal ImageFolder(FileSource source, string? split, bool ignoreFolders)
    {
        _layout = FolderLayout.Read(source, split, ignoreFolders);
        _source = source;
    }

    /// <inheritdoc/>
    public int Count => _layout.Files.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => _layout.ClassNames;

    /// <summary>
    /// From paths within the source, lengths and times of writing (of a zip archive, checksums), and from what decodes them. Where the source
    /// lies does not matter.
    /// </summary>
    public string Identity
    {
        get
        {
            using ContentHash hash = new ContentHash().Add(CurrentImageDecoder.Instance.GetType().Name);
            foreach (int file in _layout.Files)
                hash.Add(_source.Paths[file]).Add(_source.FactsOf(file));
            return $"files {hash}";
        }
    }

    /// <summary>Opens pictures and lists them; none is decoded yet.</summary>
    /// <param name="path">A folder, or a .tar, .tar.gz or .zip archive. What it is is found by looking into it, not by its name.</param>
    /// <param name="split">
    /// A sub-folder to read instead of the whole, such as "train". Where an archive wraps everything in one directory that holds
    /// further directories, that directory counts as the archive's root.
    /// </param>
    /// <param name="ignoreFolders">Whether to take all pictures as unlabelled, however they are nested.</param>
    /// <returns>The pictures. Dispose it to close the archive.</returns>
    /// <exception cref="FileNotFoundException">There is nothing at <paramref name="path"/>.</exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="path"/> is empty, or <paramref name="split"/> names no folder; the message lists those there are.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// The file is no archive or a truncated one, there are no pictures, or some lie in class folders and others beside them.
    /// </exception>
    public static ImageFolder Open(string path, string? split = null, bool ignoreFolders = false)
    {
        FileSource source = FileSource.Open(path);
        try
        {
            return new ImageFolder(source, split, ignoreFolders);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int GetLabel(int index)
    {
        CheckIndex(index);
        return _layout.Labels is { } labels
            ? labels[index]
            : throw new InvalidOperationException(
                $"The pictures of '{_source.Location}' have no labels: they were not read from class folders.");
    }

    /// <inheritdoc/>
    public string GetName(int index)
    {
        CheckIndex(index);
        return _source.Paths[_layout.Files[index]];
    }

    /// <inheritdoc/>
    public RgbImage Load(int index, int minimumSide = 0)
    {
        CheckIndex(index);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumSide);
        try
        {
            using PooledBytes bytes = _source.Read(_layout.Files[index]);
            return CurrentImageDecoder.Instance.Decode(bytes.Span, minimumSide);
        }
        catch (UnreadableImageException error)
        {
            throw new UnreadableImageException(GetName(index), error.Reason, error.InnerException);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new UnreadableImageException(GetName(index), $"its bytes cannot be read ({error.Message.TrimEnd('.')})", error)
            {
                IsTransient = error is not InvalidDataException,
            };
        }
    }

    /// <summary>Closes the archive, if any. No picture can be loaded afterwards.</summary>
    public void Dispose() => _source.Dispose();

    private void CheckIndex(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
    }
}
