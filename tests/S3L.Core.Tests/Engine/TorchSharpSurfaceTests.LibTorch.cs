using System.Reflection;
using S3L.Core.Training;
using S3L.Testing;
using S3L.Torch.Tests;

namespace S3L.Core.Tests.Engine;

/// <summary>
/// Outside its seam S3L.Core takes from S3L.Torch only what TorchSharp has too, to the last default value: each type and member is looked up
/// by its whole line in the listing of TorchSharp.
/// </summary>
public sealed class TorchSharpSurfaceTests
{
    private const string Seam = "S3L.Core.Engine.EngineSeam";

    private static readonly Assembly Core = typeof(Trainer).Assembly;
    private static readonly Assembly Torch = typeof(torch).Assembly;

    private static readonly HashSet<string> TorchSharp =
        [.. File.ReadLines(RepositoryFiles.PathTo("tests", "S3L.Torch.Tests", "torchsharp-api.txt")).Select(PublicSurface.Comparable)];

    private static readonly Dictionary<MemberInfo, string> Lines = LinesOfTorch();

    [Fact]
    public void Nothing_outside_the_seam_goes_beyond_TorchSharp()
    {
        string[] beyond =
        [
            .. AssemblyReferences.Of(Core, Torch, except: t => t.FullName == Seam).Where(r => !IsTheirs(r.Key))
                .Select(r => $"{Lines.GetValueOrDefault(r.Key, $"{r.Key.DeclaringType}.{r.Key}")}\n    in {string.Join("\n    in ", r.Value)}"),
        ];

        Assert.True(beyond.Length == 0, $"{beyond.Length} references go beyond TorchSharp outside {Seam}:\n{string.Join('\n', beyond)}");
    }

    [Fact]
    public void The_seam_goes_beyond_TorchSharp_and_is_seen_to()
    {
        HashSet<string> beyond = [.. AssemblyReferences.Of(Core, Torch, except: t => t.FullName != Seam).Keys
            .Where(m => !IsTheirs(m)).Select(m => m.Name)];
        HashSet<string> expected = ["autocast", "no_autocast", "to_memory_format", "MemoryFormat", "average_", "descend_"];
        Assert.Superset(expected, beyond);
    }

    [Fact]
    public void No_reference_of_the_assembly_is_overlooked()
    {
        IEnumerable<MemberInfo> seen = AssemblyReferences.Of(Core, Torch, except: _ => false).Keys;
        Assert.Empty(AssemblyReferences.RowsOf(Core, Torch).Except(seen).Select(m => $"{m.DeclaringType}.{m}"));
    }

    // A property may offer fewer accessors than TorchSharp's.
    private static bool IsTheirs(MemberInfo member) => Lines.TryGetValue(member, out string? line)
        && (TorchSharp.Contains(line) || TorchSharp.Contains($"{line} set") || TorchSharp.Contains($"{line} protected-set"));

    private static Dictionary<MemberInfo, string> LinesOfTorch()
    {
        var lines = new Dictionary<MemberInfo, string>();
        foreach ((MemberInfo member, string own) in PublicSurface.Of(Torch))
        {
            string line = own.Replace("S3L.Torch.", "TorchSharp.", StringComparison.Ordinal);
            lines.Add(member, line);
            if (member is PropertyInfo property) foreach (MethodInfo accessor in property.GetAccessors(true)) lines.Add(accessor, line);
        }

        return lines;
    }
}
