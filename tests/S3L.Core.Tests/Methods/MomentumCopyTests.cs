using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Tests.Backbones;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

/// <summary>The slow copies of MoCo and BYOL.</summary>
public sealed class MomentumCopyTests
{
    [Theory]
    [InlineData("key_")]
    [InlineData("target_")]
    public void Follow_the_parameters_that_the_network_has_when_a_run_begins(string prefix)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using ResNet later = KnownMethods.Backbone();
        var backbone = new Moving(KnownMethods.Backbone(), later);
        using IContrastiveMethod method = prefix == "key_"
            ? new MoCo(backbone, new MoCoOptions { EmbeddingDimension = 6, Momentum = 0.75 })
            : new Byol(backbone, new ByolOptions { HiddenWidth = 8, EmbeddingDimension = 6, Momentum = 0.75 });
        method.Begin(KnownMethods.Run());
        backbone.HasMoved = true;
        method.Begin(KnownMethods.Run());
        torch.Tensor copy = method.State.state_dict()[prefix + "backbone.conv1.weight"];
        double[] expected = [.. copy.Doubles().Zip(later.state_dict()["conv1.weight"].Doubles(), (c, w) => (0.75 * c) + (0.25 * w))];
        // MoCo's moves before the pass, BYOL's after the step.
        method.Forward(KnownMethods.Views(method, 6), KnownMethods.Indices(6));
        using (torch.no_grad()) KnownMethods.EndStep(method, KnownMethods.Position(0, 50));
        // One multiplication and one addition in float32.
        Assert.InRange(TensorValues.RelativeError(expected, copy.Doubles()), 0, 1e-6);
    }

    /// <summary>A network that has other parameters after a move to another device, as TorchSharp's may.</summary>
    private sealed class Moving(IBackbone before, IBackbone after) : WrappedBackbone(before)
    {
        public bool HasMoved { get; set; }

        public override torch.nn.Module Network => HasMoved ? after.Network : base.Network;

        public override torch.Tensor Forward(torch.Tensor images) => HasMoved ? after.Forward(images) : base.Forward(images);
    }
}
