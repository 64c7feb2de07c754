namespace S3L.Core.Data;

/// <summary>The formats that are decoded.</summary>
internal enum PictureFormat
{
    Jpeg,
    Png,
    WebP,
}
