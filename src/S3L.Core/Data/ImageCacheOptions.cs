namespace S3L.Core.Data;

/// <summary>Where and how <see cref="ImageCache.Open"/> keeps pictures.</summary>
public sealed record ImageCacheOptions
{
    /// <summary>
    /// Folder of cache files, made where it is missing; null (default) keeps the pictures in the main memory. A file serves the same pictures
    /// for the same grid and resolutions only; files that serve nothing any more are not deleted.
    /// </summary>
    /// <exception cref="ArgumentException">The value is empty.</exception>
    public string? Folder
    {
        get;
        init => field = value is null || !string.IsNullOrWhiteSpace(value)
            ? value
            : throw new ArgumentException("Folder must be the path of a folder or null, but is empty.", nameof(Folder));
    }

    /// <summary>Threads that decode, at least 1; null (default) takes all cores that the process may use.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int? Threads
    {
        get;
        init => field = value is { } threads ? Guard.AtLeast(threads, 1, nameof(Threads)) : null;
    }

    /// <summary>G: height and width of the finest grid, at least 1; null (default) takes <see cref="ImageCache.GridSizeFor"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int? GridSize
    {
        get;
        init => field = value is { } size ? Guard.AtLeast(size, 1, nameof(GridSize)) : null;
    }

    /// <summary>
    /// The lowest resolution of the views, in pixels, at least 1: halved grids are kept down to what it needs. Null (default) takes the
    /// highest.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int? LowestResolution
    {
        get;
        init => field = value is { } lowest ? Guard.AtLeast(lowest, 1, nameof(LowestResolution)) : null;
    }

    /// <summary>
    /// The most bytes of grids that <see cref="ImageCache.MoveTo"/> puts on a GPU, at least 0; default null: half of what is free there, or 8 GiB
    /// with an engine that cannot tell. Grids that take more stay where they are, and batches are copied one by one.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 0.</exception>
    public long? DeviceBytes
    {
        get;
        init => field = value is { } bytes ? Guard.AtLeast(bytes, 0, nameof(DeviceBytes)) : null;
    }
}
