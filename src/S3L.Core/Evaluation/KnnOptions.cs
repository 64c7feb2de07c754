namespace S3L.Core.Evaluation;

/// <summary>Settings of <see cref="KnnClassifier"/>. They belong to every accuracy that is reported.</summary>
public sealed record KnnOptions
{
    /// <summary>k: how many neighbours vote; at least 1, default 20 (small sets; CIFAR-10 is measured with 200).</summary>
    public int Neighbors
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Neighbors));
    } = 20;

    /// <summary>A neighbour's vote weighs e^(cosine / this); above 0, default 0.1.</summary>
    public double Temperature
    {
        get;
        init => field = Guard.Positive(value, nameof(Temperature));
    } = 0.1;
}
