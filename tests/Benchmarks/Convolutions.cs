using System.Diagnostics;

namespace Benchmarks;

/// <summary>
/// The convolutions of ResNet-18 in bfloat16, with channels innermost through libtorch and with the batch innermost as the library chooses, by turns.
/// </summary>
internal static class Convolutions
{
    private const int Batch = 128;
    private const int Rounds = 7;

    private static readonly (int Channels, int Outputs, int Kernel, int Stride, int Side)[] Shapes =
    [
        (64, 64, 3, 1, 28), (64, 64, 3, 1, 14), (64, 128, 3, 2, 14), (64, 128, 1, 2, 14), (128, 128, 3, 1, 14), (128, 128, 3, 1, 7),
        (128, 256, 3, 2, 7), (256, 256, 3, 1, 7), (256, 256, 3, 1, 4), (256, 512, 3, 2, 4), (512, 512, 3, 1, 4), (512, 512, 3, 1, 2),
    ];

    internal static int Run()
    {
        torch.set_num_threads(Environment.ProcessorCount);
        torch.keep_freed_memory();
        Console.WriteLine("Teraflops of a plain convolution's products: forward / input gradient / weight gradient.");
        Console.WriteLine("| maps | channels innermost | batch innermost |");
        Console.WriteLine("| --- | --- | --- |");
        foreach ((int channels, int outputs, int kernel, int stride, int side) in Shapes)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using Conv2d convolution = torch.nn.Conv2d(channels, outputs, kernel, stride, kernel / 2, bias: false);
            convolution.to_memory_format(MemoryFormat.ChannelsLast);
            torch.Tensor images = torch.randn([Batch, channels, side, side]).to(torch.bfloat16).to_memory_format(MemoryFormat.ChannelsLast);
            torch.Tensor turned = images.permute(1, 2, 3, 0).unsqueeze(0).to_memory_format(MemoryFormat.ChannelsLast3d);
            var usual = new Passes(images, convolution, x =>
            {
                using IDisposable coarse = torch.autocast(DeviceType.CPU, torch.bfloat16);
                return convolution.call(x);
            });
            var own = new Passes(turned, convolution, convolution.forward_batch_innermost);
            for (int round = 0; round <= Rounds; round++)
            {
                usual.Measure(isCounted: round > 0);
                own.Measure(isCounted: round > 0);
            }

            long across = ((side + (2 * (kernel / 2)) - kernel) / stride) + 1;
            double products = 2e-12 * Batch * across * across * channels * outputs * kernel * kernel;
            string step = stride > 1 ? $" / {stride}" : "";
            string name = FormattableString.Invariant($"{channels} → {outputs}, {kernel} × {kernel}{step}, {side} × {side}");
            Console.WriteLine($"| {name} | {usual.Describe(products)} | {own.Describe(products)} |");
        }

        return 0;
    }

    /// <summary>The three passes of a convolution on the same maps.</summary>
    private sealed class Passes(torch.Tensor maps, Conv2d convolution, Func<torch.Tensor, torch.Tensor> forward)
    {
        private readonly List<double> _forward = [], _ofMaps = [], _ofWeight = [];

        internal void Measure(bool isCounted)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            double seconds = Time(() =>
            {
                using IDisposable quiet = torch.no_grad();
                forward(maps);
            });
            (double ofMaps, double ofWeight) = (Backward(true), Backward(false));
            if (!isCounted) return;
            _forward.Add(seconds);
            _ofMaps.Add(ofMaps);
            _ofWeight.Add(ofWeight);
        }

        internal string Describe(double products) => string.Join(" / ", new[] { _forward, _ofMaps, _ofWeight }
            .Select(s => FormattableString.Invariant($"{products / s.Order().ElementAt(s.Count / 2):f2}")));

        private static double Time(Action work)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        private double Backward(bool ofMaps)
        {
            torch.Tensor input = maps.detach();
            input.requires_grad = ofMaps;
            convolution.weight.requires_grad = !ofMaps;
            torch.Tensor result = forward(input), upstream = result.detach();
            double seconds = Time(() => result.backward([upstream]));
            convolution.weight.grad = null;
            return seconds;
        }
    }
}
