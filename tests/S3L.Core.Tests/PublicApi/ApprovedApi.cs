using System.Reflection;
using S3L.Testing;

namespace S3L.Core.Tests.PublicApi;

/// <summary>Compares the public surface of an assembly with its approved text, or writes that text when asked to.</summary>
internal static class ApprovedApi
{
    private const string ApproveVariable = "S3L_APPROVE_API";

    public static void Check(Assembly assembly, string name)
    {
        string file = RepositoryFiles.PathTo("tests", "S3L.Core.Tests", "PublicApi", name + ".txt");
        string actual = PublicApiText.Of(assembly);
        if (Environment.GetEnvironmentVariable(ApproveVariable) == "1") File.WriteAllText(file, actual);
        string approved = File.Exists(file) ? File.ReadAllText(file) : "";
        if (approved == actual) return;

        string[] before = WithTypes(approved), after = WithTypes(actual);
        IEnumerable<string> changes = [.. before.Except(after).Select(l => $"- {l}"), .. after.Except(before).Select(l => $"+ {l}")];
        Assert.Fail($"The public API of {name} differs from {Path.GetFileName(file)}:\n{string.Join('\n', changes)}\n"
            + "Where that is meant, run eng/approve-api.sh and have the change of the text reviewed.");
    }

    // A member says little without its type.
    private static string[] WithTypes(string text)
    {
        string type = "";
        return [.. text.Split('\n').Where(l => l.Length > 0).Select(l => l[0] == ' ' ? $"{type}: {l.Trim()}" : type = l)];
    }
}
