namespace S3L.Core.Tests.Documentation;

/// <summary>All C# of the documentation compiles against S3L.Core, with the usings that a new project has.</summary>
public sealed class CodeTests
{
    public static TheoryData<string, int> Blocks
    {
        get
        {
            var blocks = new TheoryData<string, int>();
            foreach (string page in Pages.All) for (int i = 0; i < Pages.Code(page).Length; i++) blocks.Add(page, i);
            return blocks;
        }
    }

    // A block stands alone, or goes on with the blocks before it on its page.
    [Theory, MemberData(nameof(Blocks))]
    public void Every_block_compiles(string page, int number)
    {
        string[] blocks = Pages.Code(page);
        string errors = Compiler.Errors(blocks[number]);
        if (errors.Length > 0 && number > 0 && Compiler.Errors(string.Join('\n', blocks[..(number + 1)])).Length == 0) return;
        Assert.True(errors.Length == 0, $"C# block {number + 1} of {page} does not compile:\n{errors}");
    }

    [Fact]
    public void What_does_not_compile_is_found() =>
        Assert.Contains("CS0117", Compiler.Errors("using S3L.Core.Schedules;\nResolutionSchedule.Guess();"), StringComparison.Ordinal);
}
