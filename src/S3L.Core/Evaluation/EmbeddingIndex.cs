using System.Runtime.InteropServices;
using System.Text.Json;
using S3L.Core.Weights;

namespace S3L.Core.Evaluation;

/// <summary>Finds the most similar features by cosine. Exact; queries are answered block by block, so that memory stays bounded.</summary>
public sealed class EmbeddingIndex : IDisposable
{
    private const int BlockRows = 256;
    private const string RowsKey = "rows";
    private const string KeysKey = "s3l.keys";

    private readonly torch.Tensor _rows;
    private readonly string[] _keys;

    /// <summary>An index over features.</summary>
    /// <param name="features">[M, D], of any length; normalised here.</param>
    /// <param name="keys">What each row is called, such as the path of its picture.</param>
    /// <exception cref="ArgumentException">There is not one key per row.</exception>
    public EmbeddingIndex(torch.Tensor features, IReadOnlyList<string> keys)
    {
        Guard.Rows(features, 1, nameof(features));
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Count != features.size(0))
        {
            throw new ArgumentException($"keys must hold one key per row, {features.size(0)}, but holds {keys.Count}.", nameof(keys));
        }

        using DisposeScope scope = torch.NewDisposeScope();
        _rows = torch.nn.functional.normalize(features.detach().to(torch.float32)).DetachFromDisposeScope();
        _keys = [.. keys];
    }

    // Rows as they were saved: to normalise them again would change their last digits.
    private EmbeddingIndex(string[] keys, torch.Tensor unitRows)
    {
        _rows = unitRows.DetachFromDisposeScope();
        _keys = keys;
    }

    /// <summary>M: rows.</summary>
    public int Count => _keys.Length;

    /// <summary>D: length of a row.</summary>
    public int Dimension => (int)_rows.size(1);

    /// <summary>What each row is called.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>The most similar rows of each query, best first.</summary>
    /// <param name="queries">[N, D].</param>
    /// <param name="count">Answers per query; at least 1, at most M are given.</param>
    /// <param name="cancellation">Stops the work between two blocks of queries.</param>
    /// <exception cref="ArgumentException">D differs.</exception>
    public IReadOnlyList<IReadOnlyList<EmbeddingMatch>> Search(torch.Tensor queries, int count = 10, CancellationToken cancellation = default)
    {
        Guard.Rows(queries, 1, nameof(queries));
        Guard.AtLeast(count, 1, nameof(count));
        if (queries.size(1) != Dimension)
        {
            throw new ArgumentException($"queries must be [N, {Dimension}], but is [{string.Join(", ", queries.shape)}].", nameof(queries));
        }

        var answers = new List<IReadOnlyList<EmbeddingMatch>>();
        using IDisposable quiet = torch.no_grad();
        for (long start = 0; start < queries.size(0); start += BlockRows)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor block = queries.narrow(0, start, Math.Min(BlockRows, queries.size(0) - start)).to(torch.float32);
            (torch.Tensor cosines, torch.Tensor rows) = torch.nn.functional.normalize(block).mm(_rows.t()).topk(Math.Min(count, Count), 1);
            answers.AddRange(Read(cosines, rows));
        }

        return answers;
    }

    /// <summary>
    /// Pairs of rows whose cosine is at least <paramref name="leastCosine"/>, each once, most similar first: near duplicates.
    /// </summary>
    /// <param name="leastCosine">In [−1, 1]; 0.95 and above for pictures that show the same.</param>
    /// <param name="cancellation">Stops the work between two blocks of rows.</param>
    public IReadOnlyList<(int First, int Second, float Cosine)> FindPairs(double leastCosine, CancellationToken cancellation = default) =>
        Pairs(this, leastCosine, withinOne: true, cancellation);

    /// <summary>
    /// Pairs of a row here and a row there whose cosine is at least <paramref name="leastCosine"/>, most similar first: what a test set
    /// shares with a training set.
    /// </summary>
    /// <param name="other">Another index of the same dimension.</param>
    /// <param name="leastCosine">In [−1, 1].</param>
    /// <param name="cancellation">Stops the work between two blocks of rows.</param>
    public IReadOnlyList<(int First, int Second, float Cosine)> FindPairs(EmbeddingIndex other, double leastCosine,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Dimension != Dimension)
        {
            throw new ArgumentException($"other must have dimension {Dimension}, but has {other.Dimension}.", nameof(other));
        }

        return Pairs(other, leastCosine, withinOne: false, cancellation);
    }

    /// <summary>Writes rows and keys as a safetensors file.</summary>
    public void Save(string path) => Safetensors.Save(path, new Dictionary<string, torch.Tensor> { [RowsKey] = _rows },
        new Dictionary<string, string> { [KeysKey] = JsonSerializer.Serialize(_keys, EvaluationJson.Default.StringArray) });

    /// <summary>Reads an index that <see cref="Save"/> wrote. The caller owns it.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or is no index.</exception>
    public static EmbeddingIndex Load(string path)
    {
        Dictionary<string, torch.Tensor> tensors = Safetensors.Load(path, out IReadOnlyDictionary<string, string> texts);
        try
        {
            if (!tensors.TryGetValue(RowsKey, out torch.Tensor? rows) || !texts.TryGetValue(KeysKey, out string? json))
            {
                throw new InvalidDataException($"'{path}' is no index of embeddings: it lacks rows or keys.");
            }

            string[] keys = JsonSerializer.Deserialize(json, EvaluationJson.Default.StringArray) ?? [];
            if (rows.ndim != 2 || rows.size(0) != keys.Length || rows.dtype != torch.float32)
            {
                throw new InvalidDataException($"'{path}' is no index of embeddings: it has {keys.Length} keys for rows {rows}.");
            }

            tensors.Remove(RowsKey);
            return new EmbeddingIndex(keys, rows);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is no index of embeddings: {e.Message}", e);
        }
        finally
        {
            foreach (torch.Tensor tensor in tensors.Values) tensor.Dispose();
        }
    }

    /// <summary>Frees the rows.</summary>
    public void Dispose() => _rows.Dispose();

    private IEnumerable<IReadOnlyList<EmbeddingMatch>> Read(torch.Tensor cosines, torch.Tensor rows)
    {
        int width = (int)cosines.size(1);
        using torch.Tensor cosinesOnHost = cosines.cpu().contiguous();
        using torch.Tensor rowsOnHost = rows.cpu().contiguous();
        float[] values = MemoryMarshal.Cast<byte, float>(cosinesOnHost.bytes).ToArray();
        long[] which = MemoryMarshal.Cast<byte, long>(rowsOnHost.bytes).ToArray();
        return [.. Enumerable.Range(0, (int)cosines.size(0)).Select(query => (EmbeddingMatch[])[.. Enumerable.Range(query * width, width)
            .Select(i => new EmbeddingMatch((int)which[i], _keys[which[i]], values[i]))])];
    }

    private List<(int First, int Second, float Cosine)> Pairs(EmbeddingIndex other, double leastCosine, bool withinOne,
        CancellationToken cancellation)
    {
        Guard.Within(leastCosine, -1, 1, nameof(leastCosine));
        var pairs = new List<(int, int, float Cosine)>();
        using IDisposable quiet = torch.no_grad();
        for (int start = 0; start < Count; start += BlockRows)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor cosines = _rows.narrow(0, start, Math.Min(BlockRows, Count - start)).mm(other._rows.t());
            torch.Tensor places = cosines.ge(leastCosine).nonzero().cpu().contiguous();                     // [P, 2]
            ReadOnlySpan<long> at = MemoryMarshal.Cast<byte, long>(places.bytes);
            using torch.Tensor onHost = cosines.cpu().contiguous();
            ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(onHost.bytes);
            for (int i = 0; i < at.Length; i += 2)
            {
                (int first, int second) = (start + (int)at[i], (int)at[i + 1]);
                if (!withinOne || first < second) pairs.Add((first, second, values[(int)(at[i] * other.Count + at[i + 1])]));
            }
        }

        pairs.Sort((a, b) => b.Cosine.CompareTo(a.Cosine));
        return pairs;
    }
}
