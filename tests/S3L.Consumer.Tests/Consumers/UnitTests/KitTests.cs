using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Training;
using S3L.Testing;

namespace UnitTests;

public sealed class KitTests
{
    [Fact]
    public void A_method_trains_the_same_way_twice()
    {
        TrainingResult first = Train(), second = Train();
        Assert.Equal(9, first.Steps);
        Assert.Equal(first.Losses, second.Losses);
        Assert.All(first.Losses, loss => Assert.True(float.IsFinite(loss)));
    }

    [Fact]
    public void A_run_can_be_stopped()
    {
        using var source = new CancellationTokenSource();
        int reports = 0;
        Assert.Throws<OperationCanceledException>(() => TinyRun.Train(Method, progress: new Each(() =>
        {
            if (++reports == 3) source.Cancel();
        }), cancellation: source.Token));
        Assert.Equal(3, reports);
    }

    [Fact]
    public void Features_have_the_width_of_the_small_network_and_no_tensor_is_left() => LiveTensors.AssertNoneLeft(() =>
    {
        using IBackbone backbone = TinyBackbone.Create();
        RgbImage picture = TinyPictures.Create(count: 1).Load(0);
        Assert.Equal(TinyPictures.Size, picture.Width);
        using torch.Tensor images = torch.zeros([2, 3, TinyPictures.Size, TinyPictures.Size]);
        using torch.Tensor features = backbone.Forward(images);
        Assert.Equal([2, TinyBackbone.FeatureDimension], features.shape);
        Assert.Equal(2 * TinyBackbone.FeatureDimension, features.Floats().Length);
    });

    [Fact]
    public void A_forgotten_tensor_is_found()
    {
        torch.Tensor? forgotten = null;
        var found = Assert.Throws<InvalidOperationException>(() => LiveTensors.AssertNoneLeft(() => forgotten = torch.zeros([1])));
        Assert.Equal("1 native tensors were not disposed.", found.Message);
        forgotten!.Dispose();
    }

    private static TrainingResult Train() => TinyRun.Train(Method);

    private static SimSiam Method(IBackbone backbone) => new(backbone, new SimSiamOptions { ProjectorWidth = 16, PredictorWidth = 8 });

    private sealed class Each(Action act) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => act();
    }
}
