namespace S3L.Core.Backbones;

/// <summary>Part of a backbone that is left out, grown back and frozen as a whole.</summary>
/// <param name="Name">What the stage is called in reports, such as <c>layer3</c>.</param>
/// <param name="Modules">Its modules, first to last, which the backbone owns. The stem of a network that has none is empty.</param>
public sealed record BackboneStage(string Name, IReadOnlyList<torch.nn.Module> Modules);
