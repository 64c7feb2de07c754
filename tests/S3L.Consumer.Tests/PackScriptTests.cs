using S3L.Core.Tests;

namespace S3L.Consumer.Tests;

/// <summary>What <c>build.sh pack</c> does about the package for the other engine, with a dotnet that says what it is told to.</summary>
public sealed class PackScriptTests
{
    [Theory]
    [InlineData("NU1101: Unable to find package SixLabors.ImageSharp.")]
    [InlineData("NU1102: Unable to find package TorchSharp with version (>= 0.107.0)")]
    [InlineData("NU1301: Unable to load the service index for source.")]
    public void Leaves_out_what_cannot_be_restored_and_says_so(string error)
    {
        Ended pack = Pack($"echo 'S3L.Core.csproj : error {error}'; return 1").MustSucceed();
        Assert.Equal($"""
            build.sh: S3L.Core.TorchSharp is left out: {error["NU1101: ".Length..]}
              With -p:TorchSharpPath=FOLDER and -p:ImageSharpPath=FOLDER it is built against the assemblies in these folders.

            """, pack.Output);
    }

    [Fact]
    public void Fails_with_any_other_error()
    {
        Ended pack = Pack("echo 'S3L.Core.csproj : error NU1008: Projects that use central package version management.'; return 1");
        Assert.NotEqual(0, pack.Code);
        Assert.Contains("NU1008", pack.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Packs_what_can_be_restored()
    {
        string output = Pack("echo \"dotnet $*\"", "-p:TorchSharpPath=there").MustSucceed().Output;
        Assert.StartsWith("dotnet pack src/S3L.Core/S3L.Core.csproj -c Release -o artifacts/packages --no-restore -p:TorchSharpPath=there ", output,
            StringComparison.Ordinal);
        Assert.Contains("-p:TorchEngine=TorchSharp", output, StringComparison.Ordinal);
    }

    private static Ended Pack(string dotnet, string arguments = "")
    {
        string[] lines = File.ReadAllLines(RepositoryFiles.PathTo("build.sh"));
        IEnumerable<string> function = lines.SkipWhile(l => l != "pack_torchsharp() {").TakeWhile(l => l != "}").Append("}");
        string script = string.Join('\n', ["set -euo pipefail", "CONFIGURATION=Release", $"dotnet() {{ {dotnet}; }}", .. function,
            $"pack_torchsharp {arguments}"]);
        return Commands.Run(RepositoryFiles.Root, "bash", ["-c", script]);
    }
}
