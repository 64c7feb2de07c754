namespace S3L.Core.Methods;

/// <summary>Checks what a method is given.</summary>
internal static class Views
{
    internal static void Check(IReadOnlyList<torch.Tensor> views, int count)
    {
        ArgumentNullException.ThrowIfNull(views);
        if (views.Count != count) throw new ArgumentException($"views must hold {count} tensors, but holds {views.Count}.", nameof(views));
        for (int i = 1; i < count; i++) Guard.SameShape(views[i], views[0], $"views[{i}]", "views[0]");
    }
}
