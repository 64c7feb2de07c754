namespace Pretrain;

/// <summary>kNN accuracies in [0, 1]; null where there are no labels or no test part.</summary>
internal sealed record Accuracies(double? Test, double? LeaveOneOut, int Neighbors)
{
    public override string ToString() => LeaveOneOut is null
        ? "no kNN accuracy"
        : FormattableString.Invariant($"kNN (k = {Neighbors}, temperature 0.1) ") +
            FormattableString.Invariant($"{(Test is null ? "" : $"test {Test:f4}, ")}leave-one-out {LeaveOneOut:f4}");
}
