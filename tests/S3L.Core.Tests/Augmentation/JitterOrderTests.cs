using S3L.Core.Augmentation;

namespace S3L.Core.Tests.Augmentation;

public sealed class JitterOrderTests
{
    private static readonly JitterOperation[] All = Enum.GetValues<JitterOperation>();

    [Fact]
    public void The_24_numbers_are_the_24_orders()
    {
        var seen = new HashSet<string>();
        for (int number = 0; number < 24; number++)
        {
            var order = new JitterOrder(number);
            JitterOperation[] operations = [order[0], order[1], order[2], order[3]];
            Assert.Equal(All, operations.Order());
            Assert.Equal(order, JitterOrder.Of(operations));
            seen.Add(string.Join(",", operations));
        }

        Assert.Equal(24, seen.Count);
    }

    [Fact]
    public void The_default_is_brightness_contrast_saturation_hue()
    {
        JitterOrder order = default;
        Assert.Equal(All, [order[0], order[1], order[2], order[3]]);
        Assert.Equal(new JitterOrder(0), order);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(24)]
    public void Refuses_numbers_of_no_order(int number) => Assert.Equal(
        $"number must be in [0, 23]. (Parameter 'number')\nActual value was {number}.",
        Assert.Throws<ArgumentOutOfRangeException>(() => new JitterOrder(number)).Message.ReplaceLineEndings("\n"));

    [Fact]
    public void Refuses_operations_that_are_no_order()
    {
        Assert.Equal("operations must hold each operation once, but is [Hue, Hue, Contrast, Brightness]. (Parameter 'operations')",
            Assert.Throws<ArgumentException>(() =>
                JitterOrder.Of(JitterOperation.Hue, JitterOperation.Hue, JitterOperation.Contrast, JitterOperation.Brightness)).Message);
        Assert.Equal("operations must hold each operation once, but is [Hue]. (Parameter 'operations')",
            Assert.Throws<ArgumentException>(() => JitterOrder.Of(JitterOperation.Hue)).Message);
    }
}
