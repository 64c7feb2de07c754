using S3L.Core.Backbones;
using S3L.Core.Losses;
using S3L.Core.Methods;
using S3L.Testing;
using static S3L.Core.Tests.Methods.InstanceDiscriminationTests;

namespace S3L.Core.Tests.Methods;

/// <summary>CutMix as instance discrimination applies it, seen through the images that reach the network.</summary>
public sealed class CutMixTests
{
    // Sums of some dozen float32 products.
    private const double Tolerance = 1e-5;

    [Fact]
    public void Loss_and_bank_are_shared_between_two_pictures_by_the_area_of_a_box()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var watched = new Watched(KnownMethods.Backbone());
        using InstanceDiscrimination method = Method(Plain with { CutMixAlpha = 1 }, watched);
        torch.Tensor images = Numbered(8);
        var shares = new HashSet<double>();
        for (int draw = 0; draw < 20; draw++)
        {
            torch.manual_seed(draw).Dispose();
            torch.Tensor bank = method.Bank!.clone().requires_grad_();
            MethodOutput output = method.Forward([images], Indices());
            (long[] pasted, double share) = Reveal(watched.Seen, 8);
            torch.Tensor other = torch.tensor([.. pasted.Select(p => Batch[p])]);
            torch.Tensor loss = new InstanceDiscriminationLoss(Plain.Temperature)
                .Compute(output.Embeddings.matmul(bank.t()), Indices(), other, torch.tensor((float)share));
            Assert.Equal(loss.ToDouble(), output.Loss.ToDouble(), Tolerance * loss.ToDouble());
            using (torch.no_grad()) method.AfterStep(KnownMethods.Position(draw, 20));
            AssertClose(Descended(bank, loss, Plain.Temperature, Plain.BankMomentum), Rows(method.Bank!));
            shares.Add(share);
        }

        Assert.True(shares.Count > 8);
        Assert.True(shares.Min() < 0.5 && shares.Max() > 0.9);
    }

    [Fact]
    public void A_box_covers_what_the_draw_asks_for_unless_the_border_cuts_it()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var watched = new Watched(KnownMethods.Backbone());
        // So large an α draws one half each time: a box of √½ × 16 pixels each way, which is 10 in whole pixels on both sides of its middle.
        using InstanceDiscrimination method = Method(Plain with { CutMixAlpha = 1e6 }, watched);
        torch.Tensor images = Numbered(16);
        var shares = new List<double>();
        for (int draw = 0; draw < 40; draw++)
        {
            torch.manual_seed(draw).Dispose();
            method.Forward([images], Indices());
            shares.Add(Reveal(watched.Seen, 16).Share);
        }

        Assert.Equal(1 - (10 * 10 / 256.0), shares.Min());
        // The middle may be any pixel: a corner leaves a quarter of the box.
        Assert.InRange(shares.Where(s => s < 1).Max(), 0.8, 1 - (5 * 5 / 256.0));
    }

    [Fact]
    public void Without_it_the_network_sees_the_images_as_they_are()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var watched = new Watched(KnownMethods.Backbone());
        using InstanceDiscrimination method = Method(Plain, watched);
        torch.Tensor images = Images();
        method.Forward([images], Indices());
        Assert.Equal(images.Doubles(), watched.Seen);
    }

    /// <summary>Picture i is all i, so that each pixel says whose it is.</summary>
    private static torch.Tensor Numbered(int side) =>
        torch.arange(0, Batch.Length, torch.float32).view(Batch.Length, 1, 1, 1).repeat(1, 3, side, side);

    /// <summary>What was pasted into each numbered picture, and the share that each kept: 1 where each got its own.</summary>
    private static (long[] Pasted, double Share) Reveal(double[] seen, int side)
    {
        double[][] planes = [.. seen.Chunk(side * side)];
        for (int plane = 0; plane < planes.Length; plane++) Assert.Equal(planes[plane - (plane % 3)], planes[plane]);
        double[][] pictures = [.. planes.Where((_, plane) => plane % 3 == 0)];
        long[] pasted = [.. pictures.Select((picture, i) => (long)picture.FirstOrDefault(x => x != i, i))];
        bool[][] boxes = [.. pictures.Select((picture, i) => picture.Select(x => x != i).ToArray()).Where((_, i) => pasted[i] != i)];
        if (boxes.Length == 0) return (pasted, 1);

        Assert.Equal([0, 1, 2, 3], pasted.Order());
        Assert.All(boxes, box => Assert.Equal(boxes[0], box));
        (int X, int Y)[] inside = [.. Enumerable.Range(0, side * side).Where(i => boxes[0][i]).Select(i => (i % side, i / side))];
        int width = inside.Max(p => p.X) - inside.Min(p => p.X) + 1, height = inside.Max(p => p.Y) - inside.Min(p => p.Y) + 1;
        Assert.Equal(width * height, inside.Length);
        return (pasted, 1 - (inside.Length / (double)(side * side)));
    }

    /// <summary>Remembers what it was shown last.</summary>
    private sealed class Watched(IBackbone inner) : IBackbone
    {
        public double[] Seen { get; private set; } = [];

        public string Name => inner.Name;

        public long FeatureDimension => inner.FeatureDimension;

        public int MinimumResolution => inner.MinimumResolution;

        public IReadOnlyList<BackboneStage> Stages => inner.Stages;

        public int StageCount => inner.StageCount;

        public int FullStageCount => inner.FullStageCount;

        public torch.nn.Module Network => inner.Network;

        public torch.Tensor Forward(torch.Tensor images)
        {
            Seen = images.Doubles();
            return inner.Forward(images);
        }

        public IBackbone CreateTwin() => inner.CreateTwin();

        public IBackbone WithStages(int count) => inner.WithStages(count);

        public void Dispose() => inner.Dispose();
    }
}
