namespace S3L.Core.Data;

/// <summary>
/// Where what lies in a cache file: a page with the header, one record per picture, the grids level by level, each [M, g, 3, g] bytes from the
/// start of a page on, and the reasons of unreadable pictures. M counts the data set: a picture that cannot be read leaves a hole.
/// </summary>
/// <param name="Count">M.</param>
/// <param name="Sizes">Sizes of all levels, finest first.</param>
internal sealed record GridFileLayout(int Count, IReadOnlyList<int> Sizes)
{
    internal const int PageBytes = 4096;

    /// <summary>In the place of a height.</summary>
    internal const int Transient = 1;

    /// <summary>
    /// Width, height and one checksum per level, as 32-bit numbers. A width of 0 where there is no picture, with <see cref="Transient"/> as the
    /// height where it may be readable another time.
    /// </summary>
    internal int RecordBytes => 4 * (2 + Sizes.Count);

    internal long RecordsBytes => (long)Count * RecordBytes;

    /// <summary>Bytes before the reasons.</summary>
    internal long End => LevelAt(Sizes.Count);

    internal long RecordAt(int picture) => PageBytes + ((long)picture * RecordBytes);

    internal long RowAt(int level, int picture) => LevelAt(level) + ((long)picture * GridLevels.Bytes(Sizes[level]));

    private long LevelAt(int level)
    {
        long at = RoundUp(PageBytes + RecordsBytes);
        for (int finer = 0; finer < level; finer++) at = RoundUp(at + ((long)Count * GridLevels.Bytes(Sizes[finer])));
        return at;
    }

    private static long RoundUp(long bytes) => (bytes + PageBytes - 1) / PageBytes * PageBytes;
}
