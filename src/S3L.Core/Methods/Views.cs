namespace S3L.Core.Methods;

/// <summary>Checks and joins what a method is given.</summary>
internal static class Views
{
    internal static void Check(IReadOnlyList<torch.Tensor> views, int count)
    {
        ArgumentNullException.ThrowIfNull(views);
        if (views.Count != count) throw new ArgumentException($"views must hold {count} tensors, but holds {views.Count}.", nameof(views));
        for (int i = 1; i < count; i++) Guard.SameShape(views[i], views[0], $"views[{i}]", "views[0]");
    }

    /// <summary>All views as one batch, [V × N, 3, H, W].</summary>
    internal static torch.Tensor Together(IReadOnlyList<torch.Tensor> views) => torch.cat([.. views], 0);
}
