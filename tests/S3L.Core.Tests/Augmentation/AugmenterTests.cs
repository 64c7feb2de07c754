using S3L.Core.Augmentation;
using S3L.Testing;

namespace S3L.Core.Tests.Augmentation;

public sealed class AugmenterTests
{
    // Bytes over 255 in float32, through two matrix products whose weights are 0 and 1.
    private const double Exact = 1e-6;

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(33)]
    public void A_draw_that_changes_nothing_gives_the_picture_back(int side)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = Pictures.Noise("noise", 2, side);
        torch.Tensor views = Pictures.Apply(grids, side, new(CropBox.Whole), new(CropBox.Whole));
        Assert.InRange(TensorValues.LargestError(Expected(grids), views), 0, Exact);
    }

    [Fact]
    public void Flip_exchanges_left_and_right()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = Pictures.Noise("noise", 1, 12);
        torch.Tensor views = Pictures.Apply(grids, 12, new ViewDraw(CropBox.Whole) { Flip = true });
        Assert.InRange(TensorValues.LargestError(Expected(grids).flip(3), views), 0, Exact);
    }

    [Fact]
    public void Flip_of_a_crop_is_the_crop_flipped()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = Pictures.Noise("noise", 1, 40);
        var draw = new ViewDraw(new CropBox(0.13, 0.4, 0.71, 0.93));
        torch.Tensor plain = Pictures.Apply(grids, 17, draw), flipped = Pictures.Apply(grids, 17, draw with { Flip = true });
        // The same weights from the other end: float32 rounding of positions.
        Assert.InRange(TensorValues.LargestError(plain.flip(3), flipped), 0, 1e-4);
    }

    [Fact]
    public void A_box_of_whole_cells_is_cut_out_exactly()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = Pictures.Noise("noise", 1, 16);
        torch.Tensor view = Pictures.Apply(grids, 8, new ViewDraw(new CropBox(0.25, 0.5, 0.75, 1)));
        Assert.InRange(TensorValues.LargestError(Expected(grids).narrow(2, 8, 8).narrow(3, 4, 8), view), 0, Exact);
    }

    [Fact]
    public void Nothing_outside_the_box_shines_in()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = torch.zeros([1, 20, 3, 20], torch.uint8);
        grids.narrow(1, 5, 10).narrow(3, 5, 10).fill_(200);
        foreach (int resolution in new[] { 3, 10, 27 })
        {
            torch.Tensor view = Pictures.Apply(grids, resolution, new ViewDraw(new CropBox(0.25, 0.25, 0.75, 0.75)));
            // Weights of each pixel sum to 1 within float32.
            Assert.All(view.Doubles(), v => Assert.Equal(200 / 255.0, v, 1e-5));
        }
    }

    [Fact]
    public void A_uniform_picture_stays_uniform_under_any_crop_and_blur()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = torch.full([1, 24, 3, 24], 100, torch.uint8);
        var sampler = new ViewSampler(new AugmentationOptions { JitterProbability = 0, GrayscaleProbability = 0, BlurProbability = 1 });
        ViewDraw[] draws = [.. Enumerable.Range(0, 50).Select(i => sampler.Draw(1, 0, i, 0, 500, 300))];
        torch.Tensor views = Pictures.Apply(grids, 40, draws);
        // Weights of each pixel sum to 1 within float32.
        Assert.All(views.Doubles(), v => Assert.Equal(100 / 255.0, v, 1e-5));
    }

    [Fact]
    public void Colours_are_normalised_by_mean_and_deviation()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = Pictures.Noise("noise", 1, 9);
        using var augmenter = new Augmenter(ColorStatistics.ImageNet);
        torch.Tensor view = augmenter.Apply(grids, [new ViewDraw(CropBox.Whole)], 9);
        torch.Tensor mean = torch.tensor([0.485f, 0.456f, 0.406f], [1, 3, 1, 1]), deviation = torch.tensor([0.229f, 0.224f, 0.225f], [1, 3, 1, 1]);
        // (x − m) / d as x / d − m / d in float32, at values up to 3.
        Assert.InRange(TensorValues.LargestError((Expected(grids) - mean) / deviation, view), 0, 5e-6);
    }

    [Fact]
    public void Views_stand_one_set_after_the_other()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = Pictures.Noise("noise", 3, 16);
        ViewDraw[] draws = [.. Enumerable.Range(0, 6).Select(i => Draw(i % 3, i / 3, 7))];
        torch.Tensor views = Pictures.Apply(grids, 8, draws);
        Assert.Equal([6, 3, 8, 8], views.shape);
        for (int i = 0; i < 6; i++)
        {
            torch.Tensor alone = Pictures.Apply(grids.narrow(0, i % 3, 1), 8, draws[i]);
            // One row of a batch and a batch of one: the same sums in another blocking.
            Assert.InRange(TensorValues.LargestError(alone.squeeze(0), views.select(0, i)), 0, 1e-5);
        }
    }

    [Fact]
    public void Which_pictures_share_a_batch_does_not_matter()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = Pictures.Noise("noise", 6, 48);
        ViewDraw[] draws = [.. Enumerable.Range(0, 6).Select(i => Draw(i, 0, 3))];
        torch.Tensor forwards = Pictures.Apply(grids, 40, draws), backwards = Pictures.Apply(grids.flip(0), 40, [.. draws.Reverse()]);
        // The same sums in another blocking.
        Assert.InRange(TensorValues.LargestError(forwards, backwards.flip(0)), 0, 1e-5);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(17, 40)]
    [InlineData(33, 30)]
    [InlineData(40, 150)]
    [InlineData(56, 96)]
    public void In_main_memory_and_as_tensor_work_views_are_the_same(int resolution, int side)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = Pictures.Noise("noise", 4, side);
        var sampler = new ViewSampler(new AugmentationOptions { BlurProbability = 0.7, SolarizeProbability = 0.3 });
        ViewDraw[] draws = [.. Enumerable.Range(0, 40).Select(i => sampler.Draw(5, 0, i % 4, i / 4, 400, 300))];
        using var loops = new Augmenter(ColorStatistics.ImageNet);
        using var tensors = new Augmenter(ColorStatistics.ImageNet, tensorWork: true);
        // Sums of some hundred products of numbers up to 1 in float32, divided by deviations of 0.22.
        Assert.InRange(TensorValues.LargestError(tensors.Apply(grids, draws, resolution), loops.Apply(grids, draws, resolution)), 0, 3e-5);
    }

    [Fact]
    public void Takes_grids_that_do_not_lie_together()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = Pictures.Noise("noise", 2, 40), apart = grids.transpose(1, 3).contiguous().transpose(1, 3);
        Assert.False(apart.is_contiguous());
        ViewDraw[] draws = [Draw(0, 0, 3), Draw(1, 0, 3)];
        Assert.Equal(0, TensorValues.LargestError(Pictures.Apply(grids, 24, draws), Pictures.Apply(apart, 24, draws)));
    }

    [Fact]
    public void Leaves_nothing_but_the_views()
    {
        using torch.Tensor grids = Pictures.Noise("noise", 6, 48);
        using var augmenter = new Augmenter(Pictures.Neutral);
        ViewDraw[] draws = [.. Enumerable.Range(0, 6).Select(i => Draw(i, 0, 3) with { Solarize = true, Grayscale = i == 1 })];
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor views = augmenter.Apply(grids, draws, 40);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.False(views.requires_grad);
    }

    [Fact]
    public void Refuses_what_is_no_batch_of_grids_or_no_number_of_views()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var augmenter = new Augmenter(Pictures.Neutral);
        var draw = new ViewDraw(CropBox.Whole);
        Assert.Equal("grids must be [N, G, 3, G] bytes, but is Byte[2, 8, 3, 9] cpu. (Parameter 'grids')",
            Assert.Throws<ArgumentException>(() => augmenter.Apply(torch.zeros([2, 8, 3, 9], torch.uint8), [draw], 8)).Message);
        Assert.Equal("grids must be [N, G, 3, G] bytes, but is Float32[2, 8, 3, 8] cpu. (Parameter 'grids')",
            Assert.Throws<ArgumentException>(() => augmenter.Apply(torch.zeros([2, 8, 3, 8]), [draw], 8)).Message);
        torch.Tensor grids = torch.zeros([2, 8, 3, 8], torch.uint8);
        Assert.Equal("draws must hold a multiple of N = 2 draws, but holds 3. (Parameter 'draws')",
            Assert.Throws<ArgumentException>(() => augmenter.Apply(grids, [draw, draw, draw], 8)).Message);
        Assert.Equal("draws must hold a multiple of N = 2 draws, but holds 0. (Parameter 'draws')",
            Assert.Throws<ArgumentException>(() => augmenter.Apply(grids, [], 8)).Message);
        Assert.Equal("resolution must be at least 1. (Parameter 'resolution')\nActual value was 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() => augmenter.Apply(grids, [draw, draw], 0)).Message.ReplaceLineEndings("\n"));
        CropBox[] beyond =
        [
            default, new(-0.1, 0, 1, 1), new(0, -0.1, 1, 1), new(0, 0, 1.1, 1), new(0, 0, 1, 1.1), new(0.5, 0, 0.5, 1), new(0, 0.7, 1, 0.3),
            new(0, 0, double.NaN, 1),
        ];
        foreach (CropBox box in beyond)
        {
            Assert.StartsWith("draws[1].Box must lie within the picture, from 0 to 1 with Left < Right and Top < Bottom, but is CropBox { Left = ",
                Assert.Throws<ArgumentException>(() => augmenter.Apply(grids, [draw, draw with { Box = box }], 8)).Message, StringComparison.Ordinal);
        }

        Assert.Equal("grids", Assert.Throws<ArgumentNullException>(() => augmenter.Apply(null!, [draw], 8)).ParamName);
        Assert.Equal("draws", Assert.Throws<ArgumentNullException>(() => augmenter.Apply(grids, null!, 8)).ParamName);
        Assert.Equal("statistics", Assert.Throws<ArgumentNullException>(() => new Augmenter(null!)).ParamName);
    }

    private static ViewDraw Draw(int image, int view, int seed) =>
        new ViewSampler(AugmentationOptions.ByolSecond).Draw(seed, 0, image, view, 300, 200);

    private static torch.Tensor Expected(torch.Tensor grids) => grids.to(torch.float32).permute(0, 2, 1, 3).div(255);
}
