using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class ImageSubsetTests
{
    // Ten classes in turn: label = index % 10.
    private static readonly SyntheticImages Source = new(new SyntheticImagesOptions { Count = 100, Size = 16 });

    [Fact]
    public void Shows_the_chosen_pictures_in_their_order()
    {
        var subset = new ImageSubset(Source, [7, 3, 99]);
        Assert.Equal(3, subset.Count);
        Assert.Equal(Source.ClassNames, subset.ClassNames);
        Assert.Equal([7, 3, 99], Enumerable.Range(0, 3).Select(subset.IndexInSource));
        Assert.Equal(Source.GetLabel(3), subset.GetLabel(1));
        Assert.Equal(Source.GetName(99), subset.GetName(2));
        Assert.Equal(Source.Load(7).Pixels, subset.Load(0).Pixels);
    }

    [Fact]
    public void A_sample_is_drawn_without_replacement_and_by_its_seed()
    {
        int[] one = Indices(ImageSubset.Sample(Source, 30, seed: 1));
        Assert.Equal(30, one.Distinct().Count());
        Assert.Equal(one, Indices(ImageSubset.Sample(Source, 30, seed: 1)));
        Assert.NotEqual(one, Indices(ImageSubset.Sample(Source, 30, seed: 2)));
        Assert.Equal(Enumerable.Range(0, 100), Indices(ImageSubset.Sample(Source, 100)));
    }

    [Theory]
    [InlineData(0.01, 1)]
    [InlineData(0.001, 1)]
    [InlineData(0.5, 50)]
    [InlineData(1, 100)]
    public void A_fraction_is_of_all_pictures_and_at_least_one(double fraction, int count) =>
        Assert.Equal(count, ImageSubset.SampleFraction(Source, fraction).Count);

    [Fact]
    public void So_many_per_class_are_so_many_of_each()
    {
        ImageSubset subset = ImageSubset.SamplePerClass(Source, 3, seed: 4);
        Assert.All(Counts(subset), c => Assert.Equal(3, c));
        Assert.Equal(Indices(subset).Order(), Indices(subset));
        Assert.Equal(Indices(subset), Indices(ImageSubset.SamplePerClass(Source, 3, seed: 4)));
        // A class that has fewer gives all.
        Assert.All(Counts(ImageSubset.SamplePerClass(Source, 50)), c => Assert.Equal(10, c));
    }

    [Theory]
    [InlineData(0.01, 1)]
    [InlineData(0.3, 3)]
    [InlineData(1, 10)]
    public void A_fraction_per_class_leaves_no_class_out(double fraction, int each) =>
        Assert.All(Counts(ImageSubset.SampleFractionPerClass(Source, fraction)), c => Assert.Equal(each, c));

    [Fact]
    public void Some_classes_with_a_given_total_keep_their_labels()
    {
        ImageSubset subset = ImageSubset.SampleClasses(Source, 4, 20, seed: 5);
        Assert.Equal(20, subset.Count);
        Assert.InRange(Counts(subset).Count(c => c > 0), 1, 4);
        Assert.Equal(Source.ClassNames, subset.ClassNames);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(Source.GetLabel(subset.IndexInSource(i)), subset.GetLabel(i)));
    }

    [Theory]
    [InlineData(0.2, 2)]
    [InlineData(0.01, 1)]
    [InlineData(0.99, 9)]
    public void A_split_has_no_picture_twice_and_the_classes_shares(double fraction, int eachInSecond)
    {
        (ImageSubset first, ImageSubset second) = ImageSubset.Split(Source, fraction, seed: 6);
        Assert.Empty(Indices(first).Intersect(Indices(second)));
        Assert.Equal(100, first.Count + second.Count);
        Assert.All(Counts(second), c => Assert.Equal(eachInSecond, c));
    }

    [Fact]
    public void Pictures_without_labels_are_split_as_one_class()
    {
        (ImageSubset first, ImageSubset second) = ImageSubset.Split(new Unlabelled(Source), 0.25);
        Assert.Equal((75, 25), (first.Count, second.Count));
    }

    [Fact]
    public void Refuses_what_cannot_be_drawn()
    {
        Assert.Equal("count must be in [1, 100]. (Parameter 'count')\nActual value was 101.",
            Assert.Throws<ArgumentOutOfRangeException>(() => ImageSubset.Sample(Source, 101)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("fraction must be in (0, 1]. (Parameter 'fraction')\nActual value was 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() => ImageSubset.SampleFraction(Source, 0)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("secondFraction must be in (0, 1). (Parameter 'secondFraction')\nActual value was 1.",
            Assert.Throws<ArgumentOutOfRangeException>(() => ImageSubset.Split(Source, 1)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("classes must be in [1, 10]. (Parameter 'classes')\nActual value was 11.",
            Assert.Throws<ArgumentOutOfRangeException>(() => ImageSubset.SampleClasses(Source, 11, 5)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("total must be in [1, 20]. (Parameter 'total')\nActual value was 21.",
            Assert.Throws<ArgumentOutOfRangeException>(() => ImageSubset.SampleClasses(Source, 2, 21)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("source must have labels, but has none. (Parameter 'source')",
            Assert.Throws<ArgumentException>(() => ImageSubset.SamplePerClass(new Unlabelled(Source), 1)).Message);
        Assert.Equal("indices must be in [0, 99], but holds 100. (Parameter 'indices')",
            Assert.Throws<ArgumentException>(() => new ImageSubset(Source, [1, 100])).Message);
        Assert.Equal("index must be in [0, 0]. (Parameter 'index')\nActual value was 1.",
            Assert.Throws<ArgumentOutOfRangeException>(() => new ImageSubset(Source, [1]).GetLabel(1)).Message.ReplaceLineEndings("\n"));
    }

    private static int[] Indices(ImageSubset subset) => [.. Enumerable.Range(0, subset.Count).Select(subset.IndexInSource)];

    private static int[] Counts(ImageSubset subset) =>
        [.. Enumerable.Range(0, 10).Select(label => Enumerable.Range(0, subset.Count).Count(i => subset.GetLabel(i) == label))];

    private sealed class Unlabelled(IImageDataset inner) : IImageDataset
    {
        public int Count => inner.Count;

        public IReadOnlyList<string> ClassNames => [];

        public int GetLabel(int index) => throw new InvalidOperationException("The pictures are unlabelled.");

        public string GetName(int index) => inner.GetName(index);

        public RgbImage Load(int index, int minimumSide = 0) => inner.Load(index, minimumSide);
    }
}
