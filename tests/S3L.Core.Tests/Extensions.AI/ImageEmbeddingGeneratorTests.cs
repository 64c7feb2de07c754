using Microsoft.Extensions.AI;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Extensions.AI;
using S3L.Testing;

namespace S3L.Core.Tests.Extensions.AI;

public sealed class ImageEmbeddingGeneratorTests : IDisposable
{
    private const int Resolution = 8;

    private static readonly SyntheticImages Pictures = TinyPictures.Create(count: 5);

    private readonly IBackbone _backbone = TinyBackbone.Create();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Embeddings_are_the_features_that_evaluation_computes(bool unitLength)
    {
        using var generator = new ImageEmbeddingGenerator(_backbone, Resolution,
            new ImageEmbeddingOptions { UnitLength = unitLength, BatchSize = 2, Statistics = ColorStatistics.Cifar10 });
        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(Images(5));

        using ImageCache cache = ImageCache.Build(Pictures, 2 * Resolution, 1);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor features = FeatureExtractor.Extract(_backbone, cache, Resolution, ColorStatistics.Cifar10);
        if (unitLength) features = features / features.square().sum(1, keepdim: true).sqrt();
        double[] numbers = [.. Vectors(embeddings).SelectMany(v => v).Select(v => (double)v)];
        // The same sums in batches of another size: float32 rounding.
        Assert.True(TensorValues.RelativeError(features.Doubles(), numbers) < 1e-6);
        Assert.All(embeddings, e => Assert.Equal((TinyBackbone.FeatureDimension, "tiny"), (e.Dimensions, e.ModelId)));
    }

    [Fact]
    public async Task A_file_is_decoded_and_embedded_like_its_pixels()
    {
        byte[] file = File.ReadAllBytes(RepositoryFiles.PathTo("tests", "Parity", "decoding", "files", "rgb-8.png"));
        using var generator = new ImageEmbeddingGenerator(_backbone, Resolution);
        GeneratedEmbeddings<Embedding<float>> ofFile = await generator.GenerateAsync([new DataContent(file, "image/png")]);
        GeneratedEmbeddings<Embedding<float>> ofPixels = await generator.GenerateAsync([PictureFile.Decode(file)]);
        Assert.Equal(ofPixels[0].Vector.ToArray(), ofFile[0].Vector.ToArray());
    }

    [Fact]
    public async Task Pictures_that_come_one_by_one_are_embedded_batch_by_batch()
    {
        byte[][] files = [.. new[] { "rgb-8", "gray-8", "rgb-16" }.Select(n =>
            File.ReadAllBytes(RepositoryFiles.PathTo("tests", "Parity", "decoding", "files", n + ".png")))];
        using var generator = new ImageEmbeddingGenerator(_backbone, Resolution, new ImageEmbeddingOptions { BatchSize = 2 });
        var taken = new List<int>();
        var embeddings = new List<float[]>();
        CancellationToken token = TestContext.Current.CancellationToken;
        await foreach (Embedding<float> embedding in generator.GenerateStreamAsync(Coming(), cancellationToken: token))
        {
            // The first two are there before the third is asked for.
            if (embeddings.Count == 0) Assert.Equal([0, 1], taken);
            embeddings.Add(embedding.Vector.ToArray());
        }

        GeneratedEmbeddings<Embedding<float>> together = await generator.GenerateAsync(files.Select(f => new DataContent(f, "image/png")));
        Assert.Equal(Vectors(together).Select(v => v.ToArray()), embeddings);
        Assert.Equal("values", Assert.Throws<ArgumentNullException>(() => generator.GenerateStreamAsync(null!)).ParamName);

        async IAsyncEnumerable<DataContent> Coming()
        {
            for (int i = 0; i < files.Length; i++)
            {
                await Task.Yield();
                taken.Add(i);
                yield return new DataContent(files[i], "image/png");
            }
        }
    }

    [Fact]
    public async Task A_stream_ends_when_it_is_cancelled()
    {
        using var generator = new ImageEmbeddingGenerator(_backbone, Resolution);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (Embedding<float> _ in generator.GenerateStreamAsync(Endless(), cancellationToken: stop.Token))
            {
                Assert.Fail("embedded");
            }
        });

        static async IAsyncEnumerable<DataContent> Endless(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            yield break;
        }
    }

    [Fact]
    public async Task An_embedding_does_not_depend_on_what_else_is_in_the_call()
    {
        using var generator = new ImageEmbeddingGenerator(_backbone, Resolution, new ImageEmbeddingOptions { BatchSize = 1 });
        RgbImage small = new SyntheticImages(new SyntheticImagesOptions { Count = 1, Size = 16 }).Load(0);
        RgbImage cropped = new(8, 8, small.Pixels.ToArray()[..(8 * 8 * 3)]);
        RgbImage large = new SyntheticImages(new SyntheticImagesOptions { Count = 1, Size = 64 }).Load(0);
        GeneratedEmbeddings<Embedding<float>> alone = await generator.GenerateAsync([cropped]);
        GeneratedEmbeddings<Embedding<float>> together = await generator.GenerateAsync([cropped, large]);
        Assert.Equal(alone[0].Vector.ToArray(), together[0].Vector.ToArray());
    }

    [Fact]
    public async Task Calls_from_many_threads_get_the_same_answers()
    {
        using var generator = new ImageEmbeddingGenerator(_backbone, Resolution);
        float[][] alone = Vectors(await generator.GenerateAsync(Images(3)));
        GeneratedEmbeddings<Embedding<float>>[] together = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => generator.GenerateAsync(Images(3))));
        Assert.All(together, answer => Assert.Equal(alone, Vectors(answer)));
    }

    [Fact]
    public async Task Nothing_gives_nothing()
    {
        using var generator = new ImageEmbeddingGenerator(_backbone, Resolution);
        Assert.Empty(await generator.GenerateAsync(Array.Empty<RgbImage>()));
    }

    [Fact]
    public void It_tells_what_it_is()
    {
        using var generator = new ImageEmbeddingGenerator(_backbone, Resolution);
        var metadata = (EmbeddingGeneratorMetadata)generator.GetService(typeof(EmbeddingGeneratorMetadata))!;
        Assert.Equal(("s3l", "tiny", TinyBackbone.FeatureDimension),
            (metadata.ProviderName, metadata.DefaultModelId, metadata.DefaultModelDimensions));
        Assert.Same(_backbone, generator.GetService(typeof(IBackbone)));
        Assert.Same(generator, generator.GetService(typeof(ImageEmbeddingGenerator)));
        Assert.Null(generator.GetService(typeof(string)));
        Assert.Null(generator.GetService(typeof(IBackbone), "key"));
    }

    [Fact]
    public async Task What_is_no_picture_is_refused()
    {
        using var generator = new ImageEmbeddingGenerator(_backbone, Resolution);
        ArgumentException text = await Assert.ThrowsAsync<ArgumentException>(() =>
            generator.GenerateAsync([new DataContent("a"u8.ToArray(), "image/png"), new DataContent("a"u8.ToArray(), "text/plain")]));
        Assert.Equal("values must hold images only, but at index 1 is text/plain. (Parameter 'values')", text.Message);
        ArgumentException nothing = await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync([(DataContent)null!]));
        Assert.Equal("values must hold images only, but at index 0 is null. (Parameter 'values')", nothing.Message);
        UnreadableImageException damaged = await Assert.ThrowsAsync<UnreadableImageException>(() =>
            generator.GenerateAsync([new DataContent("a"u8.ToArray(), "image/png")]));
        Assert.Equal("Unreadable picture: unknown format: begins with 61 (\"a\").", damaged.Message);
    }

    [Fact]
    public async Task Other_dimensions_and_too_small_a_resolution_are_refused()
    {
        using var generator = new ImageEmbeddingGenerator(_backbone, Resolution);
        ArgumentException dimensions = await Assert.ThrowsAsync<ArgumentException>(() =>
            generator.GenerateAsync(Images(1), new EmbeddingGenerationOptions { Dimensions = 256 }));
        Assert.Equal("options.Dimensions must be 16, as tiny has them, but is 256. (Parameter 'options')", dimensions.Message);
        ArgumentOutOfRangeException small = Assert.Throws<ArgumentOutOfRangeException>(() => new ImageEmbeddingGenerator(_backbone, 1));
        Assert.Equal("resolution must be at least 2, the least that tiny takes. (Parameter 'resolution')\nActual value was 1.", small.Message);
    }

    [Fact]
    public async Task A_call_can_be_cancelled_and_the_next_is_served()
    {
        using var generator = new ImageEmbeddingGenerator(_backbone, Resolution);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            generator.GenerateAsync(Images(1), cancellationToken: new CancellationToken(true)));
        Assert.Single(await generator.GenerateAsync(Images(1)));
    }

    public void Dispose() => _backbone.Dispose();

    private static RgbImage[] Images(int count) => [.. Enumerable.Range(0, count).Select(i => Pictures.Load(i))];

    private static float[][] Vectors(GeneratedEmbeddings<Embedding<float>> embeddings) => [.. embeddings.Select(e => e.Vector.ToArray())];
}
