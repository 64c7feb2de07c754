namespace S3L.Core.Methods;

public sealed partial record SimClrOptions
{
    /// <summary>As S3L's scripts run it on CUB-200 (arXiv 2103.13559): τ 0.1, two layers.</summary>
    public static SimClrOptions Cub200 { get; } = new();

    /// <summary>As SimCLR's paper runs it on CIFAR-10 (arXiv 2002.05709, appendix B.9): τ 0.5.</summary>
    public static SimClrOptions Cifar { get; } = new() { Temperature = 0.5 };

    /// <summary>For some thousand pictures: τ 0.2.</summary>
    public static SimClrOptions SmallData { get; } = new() { Temperature = 0.2 };
}
