namespace S3L.Core.Data;

/// <summary>Where the grids of a data set go while they are made. Called from several threads at once, for different pictures.</summary>
internal interface IGridTarget
{
    /// <summary>Sizes of all levels, finest first.</summary>
    IReadOnlyList<int> LevelSizes { get; }

    /// <summary>Whether a picture is there already, undamaged.</summary>
    /// <param name="picture">Its number in the data set.</param>
    /// <param name="scratch">Room for all levels of a picture, to be overwritten.</param>
    bool Has(int picture, Span<byte> scratch);

    /// <summary>Takes a picture.</summary>
    /// <param name="picture">Its number in the data set.</param>
    /// <param name="width">True width, in pixels.</param>
    /// <param name="height">True height, in pixels.</param>
    /// <param name="levels">Its grids, one level behind the other.</param>
    void Put(int picture, int width, int height, ReadOnlySpan<byte> levels);
}
