using S3L.Core.Evaluation;
using S3L.Core.Tests.Data;
using S3L.Testing;

namespace S3L.Core.Tests.Evaluation;

public sealed class EmbeddingIndexTests
{
    [Theory]
    [InlineData(7, 5)]
    [InlineData(600, 10)]
    public void Finds_what_loops_find(int queries, int count)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = HashedNumbers.Tensor("rows", 40, 6), asked = HashedNumbers.Tensor("asked", queries, 6) * 3;
        using var index = new EmbeddingIndex(rows, Keys(40));
        IReadOnlyList<IReadOnlyList<EmbeddingMatch>> answers = index.Search(asked, count);
        double[][] known = Unit(rows), wanted = Unit(asked);
        Assert.Equal(queries, answers.Count);
        for (int q = 0; q < queries; q++)
        {
            (int Row, double Cosine)[] expected = [.. known.Select((r, i) => (i, Dot(r, wanted[q]))).OrderByDescending(c => c.Item2).Take(count)];
            Assert.Equal(expected.Select(e => e.Row), answers[q].Select(a => a.Index));
            Assert.All(answers[q].Zip(expected), p => Assert.Equal(p.Second.Cosine, p.First.Cosine, 1e-5));
            Assert.All(answers[q], a => Assert.Equal($"key{a.Index}", a.Key));
        }
    }

    [Fact]
    public void Gives_all_rows_where_there_are_fewer_than_asked_for()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var index = new EmbeddingIndex(HashedNumbers.Tensor("rows", 3, 4), Keys(3));
        Assert.Equal(3, Assert.Single(index.Search(HashedNumbers.Tensor("q", 1, 4), 10)).Count);
    }

    [Fact]
    public void Finds_near_duplicates_once_each_most_similar_first()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = HashedNumbers.Tensor("rows", 300, 16);
        torch.Tensor copies = rows.index_select(0, torch.tensor([5L, 270L])) + (HashedNumbers.Tensor("noise", 2, 16) * 0.05);
        using var index = new EmbeddingIndex(torch.cat([rows, copies], 0), Keys(302));
        IReadOnlyList<(int First, int Second, float Cosine)> pairs = index.FindPairs(0.98);
        Assert.Equal([(5, 300), (270, 301)], pairs.Select(p => (p.First, p.Second)).Order());
        Assert.True(pairs[0].Cosine >= pairs[1].Cosine);

        using var others = new EmbeddingIndex(copies, Keys(2));
        Assert.Equal([(5, 0), (270, 1)], index.FindPairs(others, 0.98).Where(p => p.First < 300).Select(p => (p.First, p.Second)).Order());
    }

    [Fact]
    public void Stops_when_asked_to()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = HashedNumbers.Tensor("rows", 30, 4);
        using var index = new EmbeddingIndex(rows, Keys(30));
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => index.Search(rows, cancellation: stop.Token));
        Assert.Throws<OperationCanceledException>(() => index.FindPairs(0.5, stop.Token));
        Assert.Throws<OperationCanceledException>(() => index.FindPairs(index, 0.5, stop.Token));
        Assert.True(torch.is_grad_enabled());
    }

    [Fact]
    public void A_saved_index_answers_alike()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "index.safetensors");
        torch.Tensor asked = HashedNumbers.Tensor("asked", 4, 6);
        using var index = new EmbeddingIndex(HashedNumbers.Tensor("rows", 20, 6), [.. Enumerable.Range(0, 20).Select(i => $"Bild \"{i}\" ä.jpg")]);
        index.Save(path);
        using EmbeddingIndex loaded = EmbeddingIndex.Load(path);
        Assert.Equal(index.Keys, loaded.Keys);
        Assert.Equal(index.Search(asked).SelectMany(a => a), loaded.Search(asked).SelectMany(a => a));
    }

    [Fact]
    public void Refuses_files_that_are_no_index()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "weights.safetensors");
        Core.Weights.Safetensors.Save(path, new Dictionary<string, torch.Tensor> { ["rows"] = torch.zeros([2, 2]) });
        Assert.Equal($"'{path}' is no index of embeddings: it lacks rows or keys.",
            Assert.Throws<InvalidDataException>(() => EmbeddingIndex.Load(path)).Message);
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = HashedNumbers.Tensor("rows", 3, 4);
        Assert.Equal("keys must hold one key per row, 3, but holds 2. (Parameter 'keys')",
            Assert.Throws<ArgumentException>(() => new EmbeddingIndex(rows, Keys(2))).Message);
        using var index = new EmbeddingIndex(rows, Keys(3));
        Assert.Equal("queries must be [N, 4], but is [1, 5]. (Parameter 'queries')",
            Assert.Throws<ArgumentException>(() => index.Search(torch.zeros([1, 5]))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Search(rows, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.FindPairs(1.5));
        using var other = new EmbeddingIndex(torch.ones([1, 5]), Keys(1));
        Assert.Equal("other must have dimension 4, but has 5. (Parameter 'other')",
            Assert.Throws<ArgumentException>(() => index.FindPairs(other, 0.5)).Message);
    }

    private static string[] Keys(int count) => [.. Enumerable.Range(0, count).Select(i => $"key{i}")];

    private static double[][] Unit(torch.Tensor rows) =>
        [.. rows.Doubles().Chunk((int)rows.size(1)).Select(r => r.Select(x => x / Math.Sqrt(r.Sum(y => y * y))).ToArray())];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
