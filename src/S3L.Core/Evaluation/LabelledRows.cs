namespace S3L.Core.Evaluation;

/// <summary>Checks and counts what classifiers share.</summary>
internal static class LabelledRows
{
    internal static void Check(torch.Tensor features, IReadOnlyList<int> labels, int classes)
    {
        CheckCount(features, labels);
        if (labels.All(l => l >= 0 && l < classes)) return;
        throw new ArgumentException($"labels must be in [0, {classes - 1}], but hold {labels.First(l => l < 0 || l >= classes)}.", nameof(labels));
    }

    /// <summary>What is learned with <c>train</c> can only be measured with a <c>test</c> of the same classes.</summary>
    internal static void CheckClasses(IReadOnlyList<string> train, IReadOnlyList<string> test)
    {
        if (train.Count < 2) throw new ArgumentException($"train must have at least 2 classes, but has {train.Count}.", nameof(train));
        if (train.SequenceEqual(test)) return;
        throw new ArgumentException(
            $"test must have the classes of train, [{string.Join(", ", train)}], but has [{string.Join(", ", test)}].", nameof(test));
    }

    internal static void CheckCount(torch.Tensor features, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == features.size(0)) return;
        throw new ArgumentException($"labels must hold one label per row, {features.size(0)}, but holds {labels.Count}.", nameof(labels));
    }

    internal static torch.Tensor AsTensor(IReadOnlyList<int> labels, torch.Device device) =>
        torch.tensor([.. labels.Select(l => (long)l)], device: device);

    internal static double Share(torch.Tensor predicted, torch.Tensor truth) => predicted.eq(truth).to(torch.float32).mean().ToDouble();
}
