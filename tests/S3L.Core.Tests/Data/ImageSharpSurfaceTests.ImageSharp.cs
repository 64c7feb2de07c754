using System.Reflection;
using System.Text.RegularExpressions;
using S3L.Core.Data;
using S3L.Testing;
using S3L.Torch.Tests;

namespace S3L.Core.Tests.Data;

/// <summary>
/// What S3L.Core takes from ImageSharp is there in ImageSharp 3.1, by its whole signature: <c>imagesharp-api.txt</c> lists the types that are
/// used, in the form of <see cref="PublicSurface"/>.
/// </summary>
public sealed partial class ImageSharpSurfaceTests
{
    [Fact]
    public void Every_member_that_is_used_is_one_of_ImageSharp()
    {
        // The printer takes init for set, and leaves the constraints of a type out.
        HashSet<string> listed = [.. File.ReadLines(RepositoryFiles.PathTo("tests", "S3L.Core.Tests", "Data", "imagesharp-api.txt"))
            .Select(l => PublicSurface.Comparable(Constraint().Replace(l.Replace(" init", " set", StringComparison.Ordinal), "$1")))];
        Assembly codec = Assembly.Load("SixLabors.ImageSharp");
        var lines = new Dictionary<MemberInfo, string>();
        foreach ((MemberInfo member, string line) in PublicSurface.Of(codec))
        {
            lines.Add(member, line);
            if (member is PropertyInfo property) foreach (MethodInfo accessor in property.GetAccessors(true)) lines.Add(accessor, line);
        }

        ICollection<MemberInfo> used = AssemblyReferences.Of(typeof(RgbImage).Assembly, codec, except: _ => false).Keys.ToList();
        Assert.Contains(used, m => m.Name == "Load");
        string[] strange = [.. used.Select(m => lines.GetValueOrDefault(m, $"{m.DeclaringType}.{m}")).Where(l => !listed.Contains(l))];
        Assert.True(strange.Length == 0, $"ImageSharp has none of these:\n{string.Join('\n', strange)}");
    }

    [GeneratedRegex(@"( \| type \| .*) where [^|]*(?= \| )")]
    private static partial Regex Constraint();
}
