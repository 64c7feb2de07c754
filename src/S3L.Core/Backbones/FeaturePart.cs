namespace S3L.Core.Backbones;

/// <summary>One entry of torchvision's <c>features</c>, described before it is built.</summary>
/// <param name="Channels">Channels of its output.</param>
/// <param name="Stride">1, or 2 where it halves the resolution.</param>
/// <param name="Build">Makes it, with random weights.</param>
internal sealed record FeaturePart(long Channels, int Stride, Func<torch.nn.Module<torch.Tensor, torch.Tensor>> Build);
