using System.Runtime.InteropServices;
using S3L.Core.Losses;
using S3L.Core.Methods;

namespace S3L.Core.Training;

/// <summary>Computes <see cref="TrainingMetrics"/> on the device, to be read later.</summary>
internal static class MetricsProbe
{
    /// <summary>[6]: the metrics in the order of the record.</summary>
    internal static torch.Tensor Measure(MethodOutput output, IReadOnlyList<torch.Tensor> weights)
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = UnitRows.Of(output.Embeddings);                                  // [N, E]
        torch.Tensor centred = rows - rows.mean([0], keepdim: true);
        torch.Tensor spread = centred.square().mean([0]).sqrt().mean() * Math.Sqrt(rows.size(1));
        torch.Tensor gram = centred.matmul(centred.t());                                     // [N, N], same eigenvalues as the covariance
        torch.Tensor rank = gram.diagonal().sum().square() / gram.square().sum().clamp_min(1e-30);
        (torch.Tensor positive, torch.Tensor negative) = Similarities(rows, output.Positives);
        torch.Tensor[] all = [spread, rank, positive, negative, Length(weights.Select(w => w.grad).OfType<torch.Tensor>()), Length(weights)];
        return torch.stack([.. all.Select(t => t.to(torch.float32))], 0).MoveToOuterDisposeScope();
    }

    internal static TrainingMetrics Read(torch.Tensor measured)
    {
        using torch.Tensor onHost = measured.cpu();
        ReadOnlySpan<float> m = MemoryMarshal.Cast<byte, float>(onHost.bytes);
        return new TrainingMetrics(m[0], m[1], m[2], m[3], m[4], m[5]);
    }

    private static (torch.Tensor Positive, torch.Tensor Negative) Similarities(torch.Tensor rows, torch.Tensor? positives)
    {
        if (positives is null)
        {
            torch.Tensor none = torch.full([], double.NaN, torch.float32, rows.device);
            return (none, none);
        }

        torch.Tensor drawn = UnitRows.Of(positives);
        long n = rows.size(0);
        torch.Tensor own = (rows * drawn).sum();
        torch.Tensor every = (rows.mean([0]) * drawn.mean([0])).sum() * (n * n);
        return (own / n, (every - own) / Math.Max(n * (n - 1), 1));
    }

    /// <summary>Length of all trained parameters. Waits for the device.</summary>
    internal static double WeightNorm(IContrastiveMethod method)
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        return Length(method.State.parameters().Where(p => p.requires_grad)).ToDouble();
    }

    private static torch.Tensor Length(IEnumerable<torch.Tensor> tensors) =>
        torch.stack([.. tensors.Select(t => t.to(torch.float32).norm())], 0).norm();
}
