namespace S3L.Core.Evaluation;

/// <summary>What a fine-tuning reached. The network is the backbone that was given.</summary>
/// <param name="Accuracies">Top-1 accuracy in [0, 1] on the test pictures, by epoch (from 1), where it was measured.</param>
/// <param name="Losses">Mean training loss of each epoch, of the warm-up first.</param>
/// <param name="Seconds">Time of the training, without the measurements.</param>
/// <param name="Classifier">What was trained on the backbone's features; it lasts as long as this result.</param>
public sealed record FineTuneResult(IReadOnlyList<(int Epoch, double Accuracy)> Accuracies, IReadOnlyList<double> Losses, double Seconds,
    LinearClassifier Classifier) : IDisposable
{
    /// <summary>Accuracy after the last epoch: what a user would get.</summary>
    public double LastAccuracy => Accuracies[^1].Accuracy;

    /// <summary>The best of all epochs: chosen by looking at the test pictures, hence too good by the noise of a measurement.</summary>
    public double BestAccuracy => Accuracies.Max(a => a.Accuracy);

    /// <summary>The epoch of <see cref="BestAccuracy"/>, from 1.</summary>
    public int BestEpoch => Accuracies.MaxBy(a => a.Accuracy).Epoch;

    /// <summary>Frees the classifier.</summary>
    public void Dispose() => Classifier.Dispose();
}
