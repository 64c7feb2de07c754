namespace S3L.Torch.Tests.Beyond;

public sealed class MemoryTests
{
    [Fact]
    public void Freed_memory_is_kept_unless_the_environment_says_otherwise()
    {
        bool said = new[] { "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES" }
            .Any(name => Environment.GetEnvironmentVariable(name) is not null);
        Assert.Equal(!said, torch.keep_freed_memory());
    }
}
