namespace S3L.Core.Engine;

/// <summary>The way of a batch from the main memory to a device.</summary>
internal static class HostCopy
{
    /// <summary>Whether two names are of one device; a GPU without a number is the first.</summary>
    internal static bool AreSame(torch.Device one, torch.Device other) =>
        one.type == other.type && (one.type == DeviceType.CPU || Math.Max(one.index, 0) == Math.Max(other.index, 0));

    /// <summary>
    /// Moves a batch and disposes what it came in. On a GPU the copy goes through pinned memory and is only queued: the host goes on, work on
    /// the batch runs behind it, and libtorch keeps the pinned memory until then.
    /// </summary>
    internal static torch.Tensor Move(torch.Tensor batch, torch.Device device)
    {
        if (AreSame(batch.device, device)) return batch;
        using torch.Tensor source = batch;
        if (device.type != DeviceType.CUDA || source.device_type != DeviceType.CPU) return source.to(device);
        using torch.Tensor pinned = source.pin_memory();
        return pinned.to(device, non_blocking: true);
    }
}
