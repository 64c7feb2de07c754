using System.Reflection;

namespace S3L.Torch.Tests;

/// <summary>
/// The public surface against TorchSharp's. <c>torchsharp-api.txt</c> holds every line of TorchSharp 0.107.0 for the types that exist here;
/// where a type is new here, its lines come from the listing of TorchSharp.dll in the same form:
/// <code>awk -F' [|] ' '$1 == "TorchSharp.TYPE"' LISTING >> torchsharp-api.txt; LC_ALL=C sort -u -o torchsharp-api.txt torchsharp-api.txt</code>
/// </summary>
public sealed class PublicSurfaceTests
{
    private static readonly HashSet<string> Known =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "torchsharp-api.txt")).Select(PublicSurface.Comparable)];

    [Fact]
    public void Every_member_that_is_not_marked_is_one_of_TorchSharp()
    {
        List<string> strange = [.. OwnLines(marked: false).Where(l => !Offered(l)).Order(StringComparer.Ordinal)];

        Assert.True(strange.Count == 0, $"{strange.Count} members are neither TorchSharp's nor marked:\n{string.Join('\n', strange)}");
    }

    [Fact]
    public void No_member_that_is_marked_is_one_of_TorchSharp()
    {
        List<string> common = [.. OwnLines(marked: true).Where(Offered).Order(StringComparer.Ordinal)];

        Assert.True(common.Count == 0, $"{common.Count} members are marked, but TorchSharp has them:\n{string.Join('\n', common)}");
    }

    [Fact]
    public void Every_mark_gives_its_reason()
    {
        BeyondTorchSharpAttribute[] marks =
        [
            .. PublicSurface.Of(typeof(torch).Assembly).Select(m =>
                m.Member.GetCustomAttribute<BeyondTorchSharpAttribute>()).OfType<BeyondTorchSharpAttribute>(),
        ];

        Assert.NotEmpty(marks);
        Assert.All(marks, mark => Assert.NotEmpty(mark.Reason));
    }

    private static IEnumerable<string> OwnLines(bool marked) =>
        PublicSurface.Of(typeof(torch).Assembly).Where(m => IsMarked(m.Member) == marked)
            .Select(m => m.Line.Replace("S3L.Torch.", "TorchSharp.", StringComparison.Ordinal));

    // A property may offer fewer accessors than TorchSharp's.
    private static bool Offered(string line) =>
        Known.Contains(line) || Known.Contains($"{line} set") || Known.Contains($"{line} protected-set");

    private static bool IsMarked(MemberInfo member)
    {
        for (MemberInfo? m = member; m is not null; m = m.DeclaringType)
        {
            if (m.IsDefined(typeof(BeyondTorchSharpAttribute), false)) return true;
        }

        return false;
    }
}
