using System.Globalization;
using S3L.Core.Augmentation;
using S3L.Testing;

namespace S3L.Core.Tests.Augmentation;

/// <summary>Each colour operation against torchvision.transforms.functional on float tensors, in float64.</summary>
public sealed class ColorParityTests
{
    // Some float32 operations on values up to 1, where a visible step is 1/255 = 4e-3. Measured: 1e-7 for blends, 3e-7 for blur, 5e-7 for
    // hue, which divides by the spread of a pixel, and 7e-7 for four operations one after the other.
    private const double Tolerance = 5e-6;

    private static readonly ViewDraw Whole = new(CropBox.Whole);

    [Theory]
    [InlineData("brightness", 0.6)]
    [InlineData("brightness", 1.4)]
    [InlineData("contrast", 0.6)]
    [InlineData("contrast", 1.4)]
    [InlineData("saturation", 0.0)]
    [InlineData("saturation", 0.6)]
    [InlineData("saturation", 1.4)]
    [InlineData("hue", -0.5)]
    [InlineData("hue", -0.1)]
    [InlineData("hue", 0.03)]
    [InlineData("hue", 0.1)]
    [InlineData("hue", 0.4)]
    public void An_operation_of_the_jitter_equals_torchvisions(string operation, double factor) => Check(
        $"{operation}.{factor.ToString("0.0#", CultureInfo.InvariantCulture)}",
        operation switch
        {
            "brightness" => Whole with { Brightness = factor },
            "contrast" => Whole with { Contrast = factor },
            "saturation" => Whole with { Saturation = factor },
            _ => Whole with { Hue = factor },
        });

    [Fact]
    public void Grayscale_equals_torchvisions() => Check("grayscale", Whole with { Grayscale = true });

    [Fact]
    public void Solarising_equals_torchvisions() => Check("solarize", Whole with { Solarize = true });

    [Theory]
    [InlineData(0.7)]
    [InlineData(2.0)]
    [InlineData(8.0)]
    public void Blur_equals_torchvisions_of_the_same_kernel(double sigma) =>
        Check($"blur.{sigma.ToString("0.0#", CultureInfo.InvariantCulture)}", Whole with { BlurSigma = sigma });

    [Fact]
    public void All_orders_of_the_jitter_equal_torchvisions_operations_in_that_order()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("colors", "values");
        string[] names = [.. stored.Names.Where(n => n.StartsWith("order.", StringComparison.Ordinal))];
        Assert.Equal(24, names.Length);
        // All orders in one batch, so that no row takes another's.
        ViewDraw[] draws = [.. names.Select(n => Whole with
        {
            Brightness = 1.3,
            Contrast = 0.65,
            Saturation = 1.35,
            Hue = -0.08,
            Order = JitterOrder.Of([.. n["order.".Length..].Select(c => (JitterOperation)(c - '0'))]),
        })];
        torch.Tensor views = Pictures.Apply(Pictures.Grid(stored["picture"]), 48, draws);
        for (int i = 0; i < names.Length; i++)
        {
            torch.Tensor quarter = views.select(0, i).slice(1, 1, 48, 2).slice(2, 1, 48, 2);
            Assert.InRange(TensorValues.LargestError(stored[names[i]], quarter), 0, Tolerance);
        }
    }

    [Fact]
    public void Different_orders_give_different_pictures()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("colors", "values");
        // Shows that the test above could fail: exchanging contrast and saturation is visible.
        Assert.True(TensorValues.LargestError(stored["order.0123"], stored["order.0213"]) > 1.0 / 255);
    }

    private static void Check(string name, ViewDraw draw)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("colors", "values");
        torch.Tensor view = Pictures.Apply(Pictures.Grid(stored["picture"]), 48, draw);
        double error = TensorValues.LargestError(stored[name], view.squeeze(0));
        Assert.True(error <= Tolerance, $"{name}: largest error {error}");
    }
}
