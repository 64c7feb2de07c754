namespace S3L.Core.Backbones;

/// <summary>Weights that go from one network to another of the same architecture with more or fewer stages.</summary>
internal static class StageWeights
{
    /// <summary>Moves the target to the device of the source and copies every parameter and buffer that both have.</summary>
    internal static T Copy<T>(IBackbone source, T target) where T : torch.nn.Module, IBackbone
    {
        target.to(source.Network.parameters().First().device);
        target.load_state_dict(source.Network.state_dict(), strict: false);
        return target;
    }
}
