namespace S3L.Torch;

/// <summary>Moves whole modules between devices and types. Parameters stay the same objects.</summary>
public static class ModuleExtensionMethods
{
    /// <summary>Moves all parameters and buffers to a device.</summary>
    public static T to<T>(this T module, torch.Device device, bool non_blocking = false) where T : torch.nn.Module
    {
        module.Convert(null, device, non_blocking);
        return module;
    }

    /// <summary>Converts all floating-point parameters and buffers to a type.</summary>
    public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module
    {
        module.Convert(type, null, non_blocking);
        return module;
    }
}
