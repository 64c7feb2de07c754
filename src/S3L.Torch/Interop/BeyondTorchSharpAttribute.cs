namespace S3L.Torch;

/// <summary>Marks what TorchSharp does not have. S3L.Core uses such members only through its engine seam.</summary>
/// <param name="reason">Why it is needed.</param>
[BeyondTorchSharp("TorchSharp has no such mark")]
[AttributeUsage(AttributeTargets.All, Inherited = false)]
public sealed class BeyondTorchSharpAttribute(string reason) : Attribute
{
    /// <summary>Why the member is needed.</summary>
    public string Reason { get; } = reason;
}
