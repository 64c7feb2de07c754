using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;

namespace SearchByImage;

/// <summary>The pictures that are searched, and what the network makes of pictures.</summary>
internal sealed class Gallery(string path, IBackbone network, ColorStatistics statistics, int resolution, CancellationToken cancellation)
    : IDisposable
{
    private const int Columns = 60;

    // The same grid for query and gallery: features of one picture from two grids differ a little.
    private readonly ImageCacheOptions _grid = new() { GridSize = 2 * resolution };

    private readonly IImageDataset _pictures = path == "synthetic"
        ? new SyntheticImages(new SyntheticImagesOptions { Count = 500 })
        : ImageFolder.Open(path, ignoreFolders: true);

    private ImageCache? _cache;

    /// <summary>The pictures, decoded when first needed: a saved index needs none of them.</summary>
    public ImageCache Cache => _cache ??= Decode();

    /// <summary>The features of all pictures, batch by batch, so that progress can be told; rows are called by the pictures' names.</summary>
    public EmbeddingIndex Index()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var parts = new List<torch.Tensor>();
        foreach ((Range pictures, torch.Tensor features) in FeatureExtractor.Stream(network, Cache, resolution, statistics,
            cancellation: cancellation))
        {
            parts.Add(features);
            Console.WriteLine($"{pictures.End} of {Cache.Count} pictures");
        }

        return new EmbeddingIndex(torch.cat([.. parts]), [.. Enumerable.Range(0, Cache.Count).Select(NameOf)]);
    }

    public void PrintSimilar(EmbeddingIndex index, string file, int count)
    {
        var query = new InMemoryImages([PictureFile.Decode(File.ReadAllBytes(file), 2 * resolution)]);
        using ImageCache decoded = ImageCache.Open(query, resolution, _grid);
        using torch.Tensor features = FeatureExtractor.Extract(network, decoded, resolution, statistics);
        Console.WriteLine($"Most similar to {file}:");
        foreach (EmbeddingMatch match in index.Search(features, count, cancellation)[0])
        {
            Console.WriteLine(FormattableString.Invariant($"  {match.Cosine:f3}  {match.Key}"));
        }
    }

    public void PrintDuplicates(EmbeddingIndex index, double leastCosine)
    {
        Console.WriteLine("The same picture (thumbnails):");
        foreach ((int first, int second, float value) in NearDuplicates.Within(Cache, cancellation: cancellation))
        {
            Print(NameOf(first), NameOf(second), value);
        }

        Console.WriteLine(FormattableString.Invariant($"The same thing (features, cosine of at least {leastCosine}):"));
        foreach ((int first, int second, float value) in index.FindPairs(leastCosine, cancellation))
        {
            Print(index.Keys[first], index.Keys[second], value);
        }

        static void Print(string first, string second, float value) =>
            Console.WriteLine(FormattableString.Invariant($"  {value:f3}  {first.PadRight(Columns)}  {second}"));
    }

    public void Dispose()
    {
        _cache?.Dispose();
        (_pictures as IDisposable)?.Dispose();
    }

    private ImageCache Decode()
    {
        ImageCache cache = ImageCache.Open(_pictures, resolution, _grid, cancellation: cancellation);
        foreach (SkippedImage skipped in cache.Skipped) Console.WriteLine($"Skipped {skipped.Name}: {skipped.Reason}");
        return cache;
    }

    private string NameOf(int image) => _pictures.GetName(Cache.IndexInDataset(image));
}
