namespace S3L.Consumer.Tests;

/// <summary>A process that has ended.</summary>
public sealed record Ended(int Code, string Output, string Error)
{
    /// <summary>Fails with all that the process wrote where it did not end well.</summary>
    public Ended MustSucceed() => Code == 0 ? this : throw new InvalidOperationException($"Exit code {Code}:{Environment.NewLine}{Output}{Error}");
}
