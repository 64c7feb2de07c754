namespace S3L.Core.Losses;

/// <summary>Rows of length one.</summary>
public static class UnitRows
{
    // Large enough not to vanish in half precision, where 1e-12 is zero and a zero row becomes NaN.
    private const double LeastLength = 1e-6;

    /// <summary>Divides each row by its Euclidean length, in float32. A row of zeros stays one.</summary>
    /// <param name="rows">[N, D]; gradient passes through.</param>
    /// <returns>[N, D] in float32, rows of length one.</returns>
    /// <exception cref="ArgumentException"><paramref name="rows"/> has another shape.</exception>
    public static torch.Tensor Of(torch.Tensor rows)
    {
        Guard.Rows(rows, 1, nameof(rows));
        using torch.Tensor full = rows.to(torch.float32);
        return torch.nn.functional.normalize(full, p: 2, dim: 1, eps: LeastLength);
    }
}
