using static S3L.Torch.Tests.NN.CoarseNumbers;

namespace S3L.Torch.Tests.NN;

/// <summary>Convolutions with the batch innermost by fewer products, whose transforms round.</summary>
public sealed class WinogradConvolutionTests
{
    /// <summary>Batch, channels in and out, height and width of maps where products saved pay for Winograd's transforms.</summary>
    public static TheoryData<long, long, long, long, long> ShapesOfFewerProducts => new()
    {
        { 6, 16, 16, 8, 8 },
        { 8, 64, 64, 6, 6 },
        { 5, 80, 112, 4, 4 },
        // Odd numbers of pixels down, across and both, whose last ones are computed by themselves.
        { 8, 64, 64, 7, 7 },
        { 7, 32, 48, 5, 4 },
        { 3, 48, 16, 6, 9 },
        // Two pixels between borders, by themselves and beside other numbers.
        { 131, 80, 112, 2, 2 },
        { 101, 32, 96, 2, 3 },
        { 4, 16, 80, 8, 2 },
        { 3, 48, 32, 2, 6 },
        { 5, 32, 32, 9, 2 },
        { 1, 48, 80, 5, 2 },
        // More panels than one; a batch with an odd picture, and more than are turned at a time.
        { 5, 32, 80, 12, 13 },
        { 131, 80, 16, 15, 10 },
        { 1, 16, 32, 24, 8 },
        { 2, 16, 16, 3, 21 },
        { 9, 32, 64, 3, 3 },
        // More weights than stay in the cache, and as many blocks of kernels as leave nothing to be cut in slices.
        { 3, 160, 144, 8, 8 },
        { 66, 256, 240, 2, 2 },
    };

    [Theory]
    [MemberData(nameof(ShapesOfFewerProducts))]
    public void By_fewer_products_numbers_are_rounded_once_more(long n, long channels, long outputs, long height, long width)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(channels, outputs, 3, 1, 1), usual = Convolution(channels, outputs, 3, 1, 1);
        torch.Tensor images = Coarse(n, channels, height, width), turned = Turned(images).to(torch.bfloat16);
        images.requires_grad = turned.requires_grad = true;
        torch.Tensor expected = usual.forward(images), actual = convolution.forward_batch_innermost(turned);
        torch.Tensor upstream = Coarse([.. expected.shape]);
        expected.backward([upstream]);
        actual.backward([Turned(upstream).to(torch.bfloat16)]);
        // A rounding to eight bits has an error of 0.0017 on average, which maps have; what they are made of has more bits.
        Assert.InRange(Error(expected, Back(actual)), 0, 0.0045);
        Assert.InRange(Error(images.grad!, Back(turned.grad!)), 0, 0.0045);
        Assert.InRange(Error(usual.weight.grad!, convolution.weight.grad!), 0, 0.006);
        // At no pixel and no tap more than the roundings there: a rule that is wrong at one of them would be lost in the mean.
        Assert.All(Places(expected, Back(actual)), p => Assert.InRange(Error(p.Expected, p.Actual), 0, 0.01));
        Assert.All(Places(images.grad!, Back(turned.grad!)), p => Assert.InRange(Error(p.Expected, p.Actual), 0, 0.01));
        Assert.All(Places(usual.weight.grad!, convolution.weight.grad!), p => Assert.InRange(Error(p.Expected, p.Actual), 0, 0.01));
    }

    /// <summary>
    /// In fixed point numbers are below 2¹⁵ and their sums below 2³¹ by the lengths of factors. Here these are as long as they can be and point the
    /// same way: signs of pixels, of kernels and of what comes back are those of a transform's factors. The first is at its limit where one channel
    /// is all there is, the second where channels are many, and gradients of kernels where one picture or many are all there is.
    /// </summary>
    [Theory]
    [InlineData(512, 4, 512, 2, 2)]
    [InlineData(16, 4, 1, 2, 1)]
    [InlineData(16, 3, 1, 64, 64)]
    [InlineData(64, 3, 64, 2, 2)]
    [InlineData(2048, 2, 2048, 2, 2)]
    [InlineData(32, 2, 1, 64, 1)]
    [InlineData(32, 6, 1, 130, 130)]
    [InlineData(16, 10, 1, 2, 2)]
    public void The_longest_factors_do_not_overflow(long channels, long side, long usedChannels, long pictures, long usedPictures)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(channels, 16, 3, 1, 1), usual = Convolution(channels, 16, 3, 1, 1);
        torch.Tensor ofChannels = First(usedChannels, channels).view(1, channels, 1, 1) * 3;
        torch.Tensor ofPictures = First(usedPictures, pictures).view(pictures, 1, 1, 1);
        foreach (int pattern in Enumerable.Range(0, 64))
        {
            using DisposeScope ofPattern = torch.NewDisposeScope();
            // Signs of rows and columns, of maps and of kernels.
            torch.Tensor plane = Signs(pattern % 8, side).view(1, 1, side, 1) * Signs(pattern / 8, side).view(1, 1, 1, side);
            torch.Tensor images = (ofPictures * ofChannels * plane).contiguous(), turned = Turned(images).to(torch.bfloat16);
            torch.Tensor kernel = ofChannels * Signs(pattern % 8, 3).view(1, 1, 3, 1) * Signs(pattern / 8, 3).view(1, 1, 1, 3);
            using (torch.no_grad()) usual.weight.copy_(convolution.weight.copy_(kernel.expand(16, channels, 3, 3)));
            usual.weight.grad = convolution.weight.grad = null;
            images.requires_grad = turned.requires_grad = true;
            torch.Tensor expected = usual.forward(images), actual = convolution.forward_batch_innermost(turned);
            torch.Tensor upstream = (ofPictures * plane * 5).expand(pictures, 16, side, side).contiguous();
            expected.backward([upstream]);
            actual.backward([Turned(upstream).to(torch.bfloat16)]);
            // Equal numbers are rounded the same way, and their errors add up.
            Assert.InRange(Error(expected, Back(actual)), 0, 0.02);
            Assert.InRange(Error(images.grad!, Back(turned.grad!)), 0, 0.02);
            Assert.InRange(Error(usual.weight.grad!, convolution.weight.grad!), 0, 0.02);
        }

        static torch.Tensor First(long used, long count) => torch.arange(count, dtype: torch.float32).lt(used).to(torch.float32);

        // Bit i tells whether numbers change their sign after the first, the second and the third of each three.
        static torch.Tensor Signs(int bits, long count)
        {
            float sign = 1;
            return torch.tensor(Enumerable.Range(0, (int)count).Select(i => sign = (bits >> (i % 3) & 1) == 0 ? sign : -sign).ToArray());
        }
    }

    [Theory]
    [InlineData(4, 40, 0)]
    [InlineData(2, -40, 0)]
    [InlineData(7, -45, 0)]
    // Squares of these are no floats.
    [InlineData(4, 90, 0.001)]
    [InlineData(3, -85, 0.001)]
    public void Numbers_of_any_size_are_as_precise(long side, int exponent, double slack)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(48, 32, 3, 1, 1);
        torch.Tensor images = Coarse(5, 48, side, side), upstream = Coarse(5, 32, side, side);
        double scale = Math.ScaleB(1, exponent);
        torch.Tensor[] expected = Passes(images, upstream);
        AssertScaled(Passes(images * scale, upstream), scale, 1, scale);
        AssertScaled(Passes(images, upstream * scale), 1, scale, scale);
        using (torch.no_grad()) convolution.weight.mul_(scale);
        AssertScaled(Passes(images, upstream), scale, scale, 1);

        // Results, and the gradients of maps and of kernels.
        torch.Tensor[] Passes(torch.Tensor from, torch.Tensor gradient)
        {
            convolution.weight.grad = null;
            torch.Tensor maps = Turned(from).to(torch.bfloat16);
            maps.requires_grad = true;
            torch.Tensor result = convolution.forward_batch_innermost(maps);
            result.backward([Turned(gradient).to(torch.bfloat16)]);
            return [.. new[] { Back(result), Back(maps.grad!), convolution.weight.grad!.clone() }.Select(t => t.to(torch.float64))];
        }

        // Where squares of a channel are no floats, gradients know its length by its largest number alone, and lose a bit or two.
        void AssertScaled(torch.Tensor[] actual, params double[] scales)
        {
            for (int i = 0; i < 3; i++) Assert.InRange(Error(expected[i] * scales[i], actual[i]), 0, i < 1 ? slack : 3 * slack);
        }
    }

    /// <summary>Each picture of a tile has a unit of its own, and each output.</summary>
    [Fact]
    public void Small_numbers_beside_large_ones_are_as_precise()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(32, 48, 3, 1, 1), usual = Convolution(32, 48, 3, 1, 1);
        torch.Tensor images = Coarse(9, 32, 4, 4);
        images.narrow(0, 4, 1).mul_(Math.ScaleB(1, 30));
        using (torch.no_grad())
        {
            convolution.weight.narrow(0, 7, 1).mul_(Math.ScaleB(1, -30));
            usual.weight.copy_(convolution.weight);
        }

        torch.Tensor expected = usual.forward(images), actual = Back(convolution.forward_batch_innermost(Turned(images).to(torch.bfloat16)));
        for (long picture = 0; picture < 9; picture++)
        {
            for (long output = 0; output < 48; output++)
            {
                Assert.InRange(Error(Map(expected), Map(actual)), 0, 0.008);

                torch.Tensor Map(torch.Tensor maps) => maps.narrow(0, picture, 1).narrow(1, output, 1);
            }
        }
    }

    [Theory]
    [InlineData(2, float.NaN)]
    [InlineData(4, float.NaN)]
    [InlineData(5, float.PositiveInfinity)]
    public void What_is_not_finite_is_not_lost_and_stays_with_its_picture_and_its_output(long side, float number)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(32, 32, 3, 1, 1);
        torch.Tensor images = Coarse(20, 32, side, side);
        torch.Tensor Result() => Back(convolution.forward_batch_innermost(Turned(images).to(torch.bfloat16)));
        torch.Tensor before = Result();
        images.narrow(0, 17, 1).narrow(1, 3, 1).narrow(2, 1, 1).narrow(3, 1, 1).fill_(number);
        torch.Tensor ofMaps = Result();
        Assert.DoesNotContain(ofMaps.narrow(0, 17, 1).narrow(2, 0, 2).narrow(3, 0, 2).contiguous().Doubles(), double.IsFinite);
        Assert.Equal(before.narrow(0, 0, 17).Doubles(), ofMaps.narrow(0, 0, 17).Doubles());
        Assert.Equal(before.narrow(0, 18, 2).Doubles(), ofMaps.narrow(0, 18, 2).Doubles());

        images = Coarse(20, 32, side, side);
        using (torch.no_grad()) convolution.weight.narrow(0, 21, 1).narrow(1, 30, 1).narrow(2, 1, 1).narrow(3, 1, 1).fill_(number);
        torch.Tensor ofWeights = Result();
        Assert.DoesNotContain(ofWeights.narrow(1, 21, 1).contiguous().Doubles(), double.IsFinite);
        Assert.Equal(before.narrow(1, 0, 21).contiguous().Doubles(), ofWeights.narrow(1, 0, 21).contiguous().Doubles());
        Assert.Equal(before.narrow(1, 22, 10).contiguous().Doubles(), ofWeights.narrow(1, 22, 10).contiguous().Doubles());
    }

    [Theory]
    [InlineData(2, float.NaN)]
    [InlineData(4, float.NaN)]
    [InlineData(5, float.PositiveInfinity)]
    public void What_comes_back_not_finite_is_not_lost(long side, float number)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(32, 32, 3, 1, 1);
        torch.Tensor maps = Turned(Coarse(20, 32, side, side)).to(torch.bfloat16), upstream = Coarse(20, 32, side, side);
        maps.requires_grad = true;
        upstream.narrow(0, 17, 1).narrow(1, 3, 1).narrow(2, 1, 1).narrow(3, 1, 1).fill_(number);
        convolution.forward_batch_innermost(maps).backward([Turned(upstream).to(torch.bfloat16)]);
        torch.Tensor ofMaps = Back(maps.grad!), ofKernels = convolution.weight.grad!;
        Assert.DoesNotContain(ofMaps.narrow(0, 17, 1).narrow(2, 0, 2).narrow(3, 0, 2).contiguous().Doubles(), double.IsFinite);
        Assert.All(torch.cat([ofMaps.narrow(0, 0, 17), ofMaps.narrow(0, 18, 2)]).Doubles(), x => Assert.True(double.IsFinite(x)));
        Assert.DoesNotContain(ofKernels.narrow(0, 3, 1).narrow(2, 1, 1).narrow(3, 1, 1).contiguous().Doubles(), double.IsFinite);
        Assert.All(torch.cat([ofKernels.narrow(0, 0, 3), ofKernels.narrow(0, 4, 28)]).contiguous().Doubles(), x => Assert.True(double.IsFinite(x)));
    }

    [Fact]
    public void Nothing_gives_nothing()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(32, 32, 3, 1, 1);
        torch.Tensor maps = Turned(torch.zeros([4, 32, 4, 4])).to(torch.bfloat16);
        Assert.All(Back(convolution.forward_batch_innermost(maps)).Doubles(), y => Assert.Equal(0, y));
        using (torch.no_grad()) convolution.weight.fill_(0);
        maps = Turned(Coarse(4, 32, 4, 4)).to(torch.bfloat16);
        Assert.All(Back(convolution.forward_batch_innermost(maps)).Doubles(), y => Assert.Equal(0, y));
        maps.requires_grad = true;
        convolution.forward_batch_innermost(maps).backward([maps.detach() * 0]);
        Assert.All(Back(maps.grad!).Doubles(), x => Assert.Equal(0, x));
        Assert.All(convolution.weight.grad!.contiguous().Doubles(), x => Assert.Equal(0, x));
    }

    private static IEnumerable<(torch.Tensor Expected, torch.Tensor Actual)> Places(torch.Tensor expected, torch.Tensor actual) =>
        Enumerable.Range(0, (int)expected.size(2)).SelectMany(y => Enumerable.Range(0, (int)expected.size(3)).Select(x =>
            (expected.select(2, y).select(2, x), actual.select(2, y).select(2, x))));
}
