namespace S3L.Core.Evaluation;

/// <summary>
/// Classifies by the labels of the nearest known features: cosine, votes weighted by e^(cosine / temperature). Exact; similarities are
/// computed block by block, so that memory does not grow with the square of the set.
/// </summary>
/// <remarks>Source: arXiv 1805.01978, section 3.4, the protocol of the peers that report kNN accuracy.</remarks>
public sealed class KnnClassifier : IDisposable
{
    private const int BlockRows = 1024;

    private readonly torch.Tensor _features;
    private readonly torch.Tensor _labels;
    private readonly int _classes;

    /// <summary>Remembers labelled features.</summary>
    /// <param name="features">[M, D], any length; normalised here.</param>
    /// <param name="labels">M labels from 0 to classes − 1.</param>
    /// <param name="classes">How many classes there are; at least 1.</param>
    /// <param name="options">k and temperature.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a label is out of range.</exception>
    public KnnClassifier(torch.Tensor features, IReadOnlyList<int> labels, int classes, KnnOptions? options = null)
    {
        Guard.Rows(features, 1, nameof(features));
        ArgumentNullException.ThrowIfNull(labels);
        Guard.AtLeast(classes, 1, nameof(classes));
        LabelledRows.Check(features, labels, classes);
        Options = options ?? new KnnOptions();
        _classes = classes;
        _features = Unit(features).DetachFromDisposeScope();
        _labels = LabelledRows.AsTensor(labels, features.device).DetachFromDisposeScope();
    }

    /// <summary>k and temperature.</summary>
    public KnnOptions Options { get; }

    /// <summary>The label of each row.</summary>
    /// <param name="features">[N, D].</param>
    /// <param name="cancellation">Stops the work between two blocks of rows.</param>
    /// <returns>[N] labels in int64.</returns>
    /// <exception cref="ArgumentException">D differs from that of the known features.</exception>
    public torch.Tensor Predict(torch.Tensor features, CancellationToken cancellation = default)
    {
        Guard.Rows(features, 1, nameof(features));
        if (features.size(1) != _features.size(1))
        {
            throw new ArgumentException($"features must be [N, {_features.size(1)}], but is [{string.Join(", ", features.shape)}].",
                nameof(features));
        }

        using DisposeScope scope = torch.NewDisposeScope();
        return Predict(Unit(features), leaveOut: false, cancellation).MoveToOuterDisposeScope();
    }

    /// <summary>The share of rows whose label is found.</summary>
    /// <param name="features">[N, D].</param>
    /// <param name="labels">N labels.</param>
    /// <param name="cancellation">Stops the work between two blocks of rows.</param>
    /// <returns>Top-1 accuracy in [0, 1].</returns>
    public double Accuracy(torch.Tensor features, IReadOnlyList<int> labels, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        Guard.Rows(features, 1, nameof(features));
        LabelledRows.CheckCount(features, labels);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor truth = LabelledRows.AsTensor(labels, _labels.device);
        return LabelledRows.Share(Predict(features, cancellation), truth);
    }

    /// <summary>The share of known features whose label is found from all others: steadier than a small test set.</summary>
    /// <returns>Top-1 accuracy in [0, 1].</returns>
    public double LeaveOneOutAccuracy(CancellationToken cancellation = default)
    {
        if (_features.size(0) < 2) throw new InvalidOperationException("Leaving one out needs at least two known features.");
        using DisposeScope scope = torch.NewDisposeScope();
        return LabelledRows.Share(Predict(_features, leaveOut: true, cancellation), _labels);
    }

    /// <summary>Frees the known features.</summary>
    public void Dispose()
    {
        _features.Dispose();
        _labels.Dispose();
    }

    private torch.Tensor Predict(torch.Tensor queries, bool leaveOut, CancellationToken cancellation)
    {
        using IDisposable quiet = torch.no_grad();
        var parts = new List<torch.Tensor>();
        for (long start = 0; start < queries.size(0); start += BlockRows)
        {
            cancellation.ThrowIfCancellationRequested();
            long count = Math.Min(BlockRows, queries.size(0) - start);
            parts.Add(PredictBlock(queries.narrow(0, start, count), leaveOut ? start : -1));
        }

        return torch.cat([.. parts]);
    }

    private torch.Tensor PredictBlock(torch.Tensor queries, long firstLeftOut)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor cosines = queries.mm(_features.t());                                         // [B, M]
        long known = _features.size(0);
        if (firstLeftOut >= 0)
        {
            torch.Tensor own = torch.arange(firstLeftOut, firstLeftOut + queries.size(0), torch.int64, queries.device).unsqueeze(1);
            cosines.scatter_(1, own, torch.full([queries.size(0), 1], -2.0, torch.float32, queries.device));
            known--;
        }

        (torch.Tensor near, torch.Tensor which) = cosines.topk((int)Math.Min(Options.Neighbors, known), 1);
        torch.Tensor votes = torch.zeros([queries.size(0), _classes], torch.float32, queries.device);
        torch.Tensor neighborLabels = _labels.index_select(0, which.flatten()).view(which.shape);  // [B, k]
        // Against the nearest one: a power of e alone is infinite at low temperatures.
        votes.scatter_add_(1, neighborLabels, (near - near.narrow(1, 0, 1)).div(Options.Temperature).exp());
        return votes.argmax(1).MoveToOuterDisposeScope();
    }

    private static torch.Tensor Unit(torch.Tensor features)
    {
        using torch.Tensor full = features.to(torch.float32);
        return torch.nn.functional.normalize(full);
    }
}
