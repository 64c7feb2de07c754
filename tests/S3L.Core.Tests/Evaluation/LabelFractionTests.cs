using S3L.Core.Data;
using S3L.Core.Evaluation;

namespace S3L.Core.Tests.Evaluation;

public sealed class LabelFractionTests
{
    private static readonly SyntheticImages Pictures = new(new SyntheticImagesOptions { Count = 90, Size = 24 });

    [Fact]
    public void Draws_a_share_of_each_class()
    {
        using ImageCache cache = ImageCache.Build(Pictures, 8, 1);
        foreach (double fraction in new[] { 0.01, 0.3, 1 })
        {
            IReadOnlyList<int> rows = LabelFraction.Sample(cache, fraction, seed: 3);
            Assert.Equal(rows.Order().Distinct(), rows);
            foreach (IGrouping<int, int> all in Enumerable.Range(0, cache.Count).GroupBy(i => cache.Labels[i]))
            {
                Assert.Equal(Math.Max(1, (int)Math.Round(all.Count() * fraction)), rows.Count(r => cache.Labels[r] == all.Key));
            }
        }
    }

    [Fact]
    public void Draws_what_a_subset_of_the_same_seed_draws()
    {
        using ImageCache cache = ImageCache.Build(Pictures, 8, 1);
        ImageSubset subset = ImageSubset.SampleFractionPerClass(Pictures, 0.3, seed: 3);
        Assert.Equal(Enumerable.Range(0, subset.Count).Select(subset.IndexInSource), LabelFraction.Sample(cache, 0.3, seed: 3));
        Assert.NotEqual(LabelFraction.Sample(cache, 0.3, seed: 3), LabelFraction.Sample(cache, 0.3, seed: 4));
    }

    [Fact]
    public void Refuses_what_it_cannot_draw()
    {
        using ImageCache cache = ImageCache.Build(new InMemoryImages([Pictures.Load(0)]), 8, 1);
        Assert.Equal("images must have labels, but has none. (Parameter 'images')",
            Assert.Throws<ArgumentException>(() => LabelFraction.Sample(cache, 0.5)).Message);
        Assert.Equal("fraction must be in (0, 1]. (Parameter 'fraction')\nActual value was 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() => LabelFraction.Sample(cache, 0)).Message.ReplaceLineEndings("\n"));
    }
}
