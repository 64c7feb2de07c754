namespace S3L.Torch;

/// <summary>Memory formats of whole modules.</summary>
[BeyondTorchSharp("TorchSharp has no memory formats")]
public static class ModuleMemoryFormat
{
    /// <summary>Puts all four-dimensional parameters into a memory format. Values, shapes and names stay.</summary>
    public static void to_memory_format(this torch.nn.Module module, MemoryFormat format)
    {
        ArgumentNullException.ThrowIfNull(module);
        foreach (Modules.Parameter parameter in module.parameters())
        {
            if (parameter.ndim == 4) parameter.ReplaceData(t => t.to_memory_format(format));
        }
    }
}
