namespace S3L.Core.Augmentation;

/// <summary>Picks the rows of a batch that an operation concerns, and per-row numbers as tensors.</summary>
internal static class Rows
{
    internal static long[] Where(IReadOnlyList<ViewDraw> draws, Func<ViewDraw, bool> chosen)
    {
        var rows = new List<long>(draws.Count);
        for (int i = 0; i < draws.Count; i++)
        {
            if (chosen(draws[i])) rows.Add(i);
        }

        return [.. rows];
    }

    /// <summary>[rows, 1, 1, 1] of one number per row.</summary>
    internal static torch.Tensor Column(float[] numbers, torch.Device device) => torch.tensor(numbers, [numbers.Length, 1, 1, 1], device: device);
}
