using System.Diagnostics;

namespace S3L.Core.Tests.Documentation;

/// <summary>The C# compiler of the SDK, with S3L.Core and what it needs as references.</summary>
internal static class Compiler
{
    private const string NoEntryPoint = "CS5001";

    private static readonly string[] ImplicitUsings =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks"];

    // What the tests bring with them is not what a user has.
    private static readonly string[] OfTestsAlone =
        ["xunit", "FsCheck", "FSharp", "CustomMethod", "S3L.Testing", "S3L.Core.Tests", "Microsoft.Testing"];

    /// <summary>The errors of a program or of declarations; empty where there are none.</summary>
    public static string Errors(string code)
    {
        string folder = Directory.CreateTempSubdirectory("s3l-code-").FullName;
        try
        {
            string[] lines = code.Split('\n');
            string[] usings = [.. lines.Where(IsUsing).Distinct()];
            string program = Path.Combine(folder, "Program.cs"), shared = Path.Combine(folder, "Usings.cs");
            string options = Path.Combine(folder, "options.rsp");
            File.WriteAllLines(program, [.. usings, .. lines.Where(l => !IsUsing(l))]);
            File.WriteAllLines(shared, ImplicitUsings.Select(u => $"global using {u};"));
            File.WriteAllLines(options,
            [
                "-nologo", "-noconfig", "-nostdlib", "-nullable:enable", "-langversion:latest", $"-out:\"{Path.Combine(folder, "program.dll")}\"",
                .. References().Select(r => $"-r:\"{r}\""), $"\"{program}\"", $"\"{shared}\"",
            ]);
            return string.Join('\n', Run(options)
                .Where(l => l.Contains("error CS", StringComparison.Ordinal) && !l.Contains(NoEntryPoint, StringComparison.Ordinal))
                .Select(l => l.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A statement such as `using var x = …` or `using (…)` is none.
    private static bool IsUsing(string line) => line.StartsWith("using ", StringComparison.Ordinal) && line.TrimEnd().EndsWith(';')
        && line.Split(' ').Length == 2;

    private static IEnumerable<string> References() => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(f => !OfTestsAlone.Any(p => Path.GetFileName(f).StartsWith(p, StringComparison.Ordinal)));

    private static string[] Run(string options)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", CompilerFile(), $"@{options}"]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Split('\n');
    }

    // dotnet/shared/Microsoft.NETCore.App/VERSION/ holds the runtime, dotnet/sdk/VERSION/Roslyn/bincore/ the compiler.
    private static string CompilerFile()
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        return Directory.GetFiles(Path.Combine(root, "sdk"), "csc.dll", SearchOption.AllDirectories).Order(StringComparer.Ordinal).LastOrDefault()
            ?? throw new FileNotFoundException($"There is no SDK under {root}, so the documentation cannot be compiled.");
    }
}
