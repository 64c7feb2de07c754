namespace S3L.Torch;

public static partial class torch
{
    /// <summary>
    /// Lets the process keep the main memory of tensors that are gone for those that come, instead of giving it back to the system and taking
    /// it anew, page by page, in each step. Holds until the process ends.
    /// </summary>
    /// <returns>
    /// False where nothing was changed: on a system without glibc, or where MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_ or
    /// GLIBC_TUNABLES say what to do.
    /// </returns>
    [BeyondTorchSharp("TorchSharp leaves the allocator as it is")]
    public static bool keep_freed_memory()
    {
        Status.Check(Native.s3l_keep_freed_memory(out byte kept), "keep_freed_memory");
        return kept != 0;
    }
}
