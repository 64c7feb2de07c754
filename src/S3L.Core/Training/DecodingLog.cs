using Microsoft.Extensions.Logging;
using S3L.Core.Data;

namespace S3L.Core.Training;

/// <summary>
/// Writes how far the decoding of pictures is to a log, first after two seconds, then every ten. Trainer has one; it is for callers of
/// <see cref="ImageCache.Open"/> as well.
/// </summary>
/// <param name="logger">Told it.</param>
public sealed class DecodingLog(ILogger logger) : IProgress<ImageCacheProgress>
{
    // Soon, as it says how long it will take; then seldom enough for a log of hours. What takes less needs no word.
    private static readonly TimeSpan BeforeTheFirst = TimeSpan.FromSeconds(2), Between = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = logger ?? throw new ArgumentNullException(nameof(logger));
    private TimeSpan _next = BeforeTheFirst;
    private TimeSpan _last;

    /// <inheritdoc/>
    public void Report(ImageCacheProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        // Time is counted anew after a wait for another process, and for other pictures.
        if (value.Elapsed < _last) _next = BeforeTheFirst;
        _last = value.Elapsed;
        if (value.Elapsed < _next) return;
        _next = value.Elapsed + Between;
        _logger.LogInformation("Decoding pictures: {Progress}", value);
    }
}
