// TorchSharpOverloads STANDIN.dll LISTING OUT.cs
using System.Reflection;
using System.Text;
using S3L.Torch.Tests;
using TorchSharpOverloads;

Assembly standIn = Assembly.LoadFrom(Path.GetFullPath(args[0]));
ILookup<string, string> listing = File.ReadLines(args[1]).ToLookup(l => l.Split(" | ")[0]);
var present = PublicSurface.Of(standIn).Select(m => m.Line).ToHashSet();
var text = new StringBuilder("// Written by eng/TorchSharpOverloads.\n#nullable disable\nnamespace TorchSharp;\n");
int count = 0;
foreach (Type type in standIn.GetTypes().Where(t => t.IsVisible && !t.IsInterface && !t.IsEnum && !t.IsSubclassOf(typeof(Delegate))))
{
    HashSet<string> names = [.. type.GetMethods().Select(m => m.Name)];
    string[] missing =
    [
        .. listing[type.ToString()].Where(l => l.Contains(" | method | ", StringComparison.Ordinal) && !present.Contains(PublicSurface.Comparable(l)))
            .Select(l => Overload.Parse(l, standIn)).OfType<Overload>().Where(o => o.IsOperator || names.Contains(o.Name)).Select(o => o.Code),
    ];
    if (missing.Length == 0) continue;
    count += missing.Length;
    text.Append('\n').Append(Overload.Within(type, missing)).Append('\n');
}

File.WriteAllText(args[2], text.ToString());
Console.WriteLine($"{count} overloads that only TorchSharp has");
