namespace Benchmarks;

/// <summary>A measured row. Images per second count each image once, whatever its number of views.</summary>
internal sealed record PeerResult(string Method, int Size, string Stem, int Stages, int Batch, double Ours, double Plain, double Tuned,
    double RatioPlain, double RatioTuned, double WaitFraction, double PeakMib, double FirstStepSeconds)
{
    public override string ToString() => FormattableString.Invariant($"| {Method} | {Size} | {Stem} | {Stages} | {Ours:f0} | {Plain:f0} | ") +
        FormattableString.Invariant($"{Tuned:f0} | {RatioPlain:f2} | {RatioTuned:f2} | {WaitFraction:p1} | {PeakMib:f0} | {FirstStepSeconds:f1} |");
}
