using S3L.Core.Backbones;

namespace S3L.Core.Tests.Backbones;

/// <summary>A network that does everything as another one, but for what a test changes.</summary>
internal abstract class WrappedBackbone(IBackbone inner) : IBackbone
{
    public virtual string Name => inner.Name;

    public virtual string Settings => "";

    public long FeatureDimension => inner.FeatureDimension;

    public int MinimumResolution => inner.MinimumResolution;

    public IReadOnlyList<BackboneStage> Stages => inner.Stages;

    public int StageCount => inner.StageCount;

    public int FullStageCount => inner.FullStageCount;

    public virtual torch.nn.Module Network => inner.Network;

    public virtual torch.Tensor Forward(torch.Tensor images) => inner.Forward(images);

    public virtual IBackbone CreateTwin() => inner.CreateTwin();

    public IBackbone WithStages(int count) => inner.WithStages(count);

    public virtual void Dispose() => inner.Dispose();
}
