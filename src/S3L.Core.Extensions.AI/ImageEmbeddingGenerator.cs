using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;

namespace S3L.Core.Extensions.AI;

/// <summary>
/// Embeds pictures with a backbone, for whatever takes an <c>IEmbeddingGenerator</c>: vector stores, caches, pipelines. Pictures are seen as
/// evaluation sees them: centred square, no augmentation.
/// </summary>
/// <remarks>Calls may come from several threads; they are served one after the other, each away from the caller's thread.</remarks>
public sealed class ImageEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>, IEmbeddingGenerator<RgbImage, Embedding<float>>
{
    private readonly IBackbone _backbone;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>Embeddings of a backbone's features.</summary>
    /// <param name="backbone">The network, which stays the caller's; not to be trained meanwhile.</param>
    /// <param name="resolution">Height and width at which the network sees pictures, in pixels; best the last one of the training.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="resolution"/> is below the least that the network takes.</exception>
    public ImageEmbeddingGenerator(IBackbone backbone, int resolution, ImageEmbeddingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        if (resolution < backbone.MinimumResolution)
        {
            throw new ArgumentOutOfRangeException(nameof(resolution), resolution,
                $"resolution must be at least {backbone.MinimumResolution}, the least that {backbone.Name} takes.");
        }

        _backbone = backbone;
        Resolution = resolution;
        Options = options ?? new ImageEmbeddingOptions();
        _metadata = new EmbeddingGeneratorMetadata("s3l", defaultModelId: backbone.Name, defaultModelDimensions: (int)backbone.FeatureDimension);
    }

    /// <summary>Height and width at which the network sees pictures, in pixels.</summary>
    public int Resolution { get; }

    /// <summary>The settings.</summary>
    public ImageEmbeddingOptions Options { get; }

    /// <summary>Embeds picture files: JPEG, PNG or WebP.</summary>
    /// <param name="values">The files, each with a media type of image.</param>
    /// <param name="options">Its <see cref="EmbeddingGenerationOptions.Dimensions"/>, where set, must be the backbone's.</param>
    /// <param name="cancellationToken">Stops the work between two batches.</param>
    /// <returns>One embedding of D numbers per file, in the order of the files.</returns>
    /// <exception cref="ArgumentException">A value is no image, or other dimensions are asked for.</exception>
    /// <exception cref="UnreadableImageException">A file is damaged or of an unknown format.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        DataContent[] files = [.. values];
        int other = Array.FindIndex(files, f => f is null || !f.HasTopLevelMediaType("image"));
        if (other >= 0)
        {
            throw new ArgumentException(
                $"values must hold images only, but at index {other} is {files[other]?.MediaType ?? "null"}.", nameof(values));
        }

        return Generate(files, f => PictureFile.Decode(f.Data.Span, 2 * Resolution), options, cancellationToken);
    }

    /// <summary>Embeds decoded pictures.</summary>
    /// <param name="values">The pictures.</param>
    /// <param name="options">Its <see cref="EmbeddingGenerationOptions.Dimensions"/>, where set, must be the backbone's.</param>
    /// <param name="cancellationToken">Stops the work between two batches.</param>
    /// <returns>One embedding of D numbers per picture, in the order of the pictures.</returns>
    /// <exception cref="ArgumentException">A value is null, or other dimensions are asked for.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<RgbImage> values, EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Generate([.. values], image => image, options, cancellationToken);
    }

    /// <summary>Embeds pictures as they come, in their order.</summary>
    /// <param name="values">Encoded pictures, for example from a channel or a request's body.</param>
    /// <param name="options">Its <see cref="EmbeddingGenerationOptions.Dimensions"/>, where set, must be the backbone's.</param>
    /// <param name="cancellationToken">Stops the work between two batches.</param>
    /// <returns>
    /// One embedding of D numbers per picture. Those of a batch come together, once <see cref="ImageEmbeddingOptions.BatchSize"/> pictures are
    /// there or the last has come.
    /// </returns>
    /// <exception cref="ArgumentException">A value is no image, or other dimensions are asked for.</exception>
    public IAsyncEnumerable<Embedding<float>> GenerateStreamAsync(IAsyncEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Stream(values, options, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(EmbeddingGeneratorMetadata)) return _metadata;
        if (serviceType == typeof(IBackbone)) return _backbone;
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Frees what orders the calls; the backbone stays.</summary>
    public void Dispose() => _gate.Dispose();

    private async IAsyncEnumerable<Embedding<float>> Stream(IAsyncEnumerable<DataContent> values, EmbeddingGenerationOptions? options,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (DataContent[] batch in values.Chunk(Options.BatchSize).WithCancellation(cancellation).ConfigureAwait(false))
        {
            foreach (Embedding<float> embedding in await GenerateAsync(batch, options, cancellation).ConfigureAwait(false)) yield return embedding;
        }
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> Generate<T>(T[] values, Func<T, RgbImage> decode,
        EmbeddingGenerationOptions? options, CancellationToken cancellation)
    {
        if (options?.Dimensions is { } wanted && wanted != _backbone.FeatureDimension)
        {
            throw new ArgumentException(
                $"options.Dimensions must be {_backbone.FeatureDimension}, as {_backbone.Name} has them, but is {wanted}.", nameof(options));
        }

        if (values.Length == 0) return [];
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Embed([.. values.Select(decode)], cancellation), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private GeneratedEmbeddings<Embedding<float>> Embed(RgbImage[] images, CancellationToken cancellation)
    {
        var pictures = new InMemoryImages(images);
        // Not GridSizeFor, which looks at all pictures: an embedding must not depend on what else is in the call.
        using ImageCache cache = ImageCache.Build(pictures, 2 * Resolution, threads: 1, cancellation: cancellation);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor features = FeatureExtractor.Extract(_backbone, cache, Resolution, Options.Statistics, Options.BatchSize, cancellation);
        if (Options.UnitLength) features = torch.nn.functional.normalize(features);
        float[] numbers = MemoryMarshal.Cast<byte, float>(features.cpu().bytes).ToArray();           // [N, D]
        int width = (int)_backbone.FeatureDimension;
        var embeddings = Enumerable.Range(0, images.Length)
            .Select(i => new Embedding<float>(numbers.AsMemory(i * width, width)) { ModelId = _backbone.Name });
        return new GeneratedEmbeddings<Embedding<float>>(embeddings);
    }
}
