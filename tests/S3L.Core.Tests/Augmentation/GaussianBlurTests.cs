using S3L.Core.Augmentation;
using S3L.Testing;

namespace S3L.Core.Tests.Augmentation;

/// <summary>What a bright point becomes: the kernel itself.</summary>
public sealed class GaussianBlurTests
{
    [Theory]
    [InlineData(224, 11)]
    [InlineData(112, 6)]
    [InlineData(56, 3)]
    [InlineData(33, 2)]
    public void The_kernel_is_in_proportion_to_the_resolution(int resolution, int radius)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        double sigma = 2.0 * resolution / 224;
        double[] row = Point(resolution, 2).select(0, resolution / 2).Doubles();
        double[] kernel = [.. Enumerable.Range(-radius, (2 * radius) + 1).Select(x => Math.Exp(-x * x / (2 * sigma * sigma)))];
        double total = kernel.Sum(), middle = kernel[radius] / total;
        for (int x = 0; x < resolution; x++)
        {
            int from = x - (resolution / 2);
            double expected = Math.Abs(from) <= radius ? middle * kernel[from + radius] / total : 0;
            // Exponentials and sums in float32.
            Assert.Equal(expected, row[x], 1e-6);
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(16)]
    public void Small_pictures_are_not_blurred(int resolution)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        double[] blurred = Point(resolution, 2).Doubles();
        Assert.Equal(1, blurred.Max());
        Assert.Equal(1, blurred.Sum());
    }

    [Fact]
    public void A_view_without_blur_in_a_batch_stays_sharp()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor grids = Pictures.Noise("noise", 2, 40);
        var plain = new ViewDraw(CropBox.Whole);
        torch.Tensor views = Pictures.Apply(grids, 40, plain, plain with { BlurSigma = 2 }), sharp = Pictures.Apply(grids, 40, plain, plain);
        Assert.Equal(0, TensorValues.LargestError(sharp.select(0, 0), views.select(0, 0)));
        Assert.True(TensorValues.LargestError(sharp.select(0, 1), views.select(0, 1)) > 0.05);
    }

    /// <summary>[R, R]: one channel of a black picture with one white pixel in the middle, blurred.</summary>
    private static torch.Tensor Point(int resolution, double sigma)
    {
        torch.Tensor grids = torch.zeros([1, resolution, 3, resolution], torch.uint8);
        grids.narrow(1, resolution / 2, 1).narrow(3, resolution / 2, 1).fill_(255);
        return Pictures.Apply(grids, resolution, new ViewDraw(CropBox.Whole) { BlurSigma = sigma }).select(0, 0).select(0, 1);
    }
}
