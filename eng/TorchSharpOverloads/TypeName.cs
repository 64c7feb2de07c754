using System.Reflection;

namespace TorchSharpOverloads;

/// <summary>Names of types as reflection prints them, in C#.</summary>
internal static class TypeName
{
    /// <summary>Null where neither the stand-in nor the runtime has the type.</summary>
    public static string? Of(string printed, Assembly standIn, string[] generic)
    {
        int names = printed.IndexOf('{', StringComparison.Ordinal);
        if (names >= 0) printed = printed[..names];
        if (printed.Length == 0 || printed.Contains("[,", StringComparison.Ordinal)) return null;
        if (generic.Contains(printed)) return printed;
        if (printed == "System.Void") return "void";
        if (printed == "System.Single") return "float";
        if (printed.EndsWith("[]", StringComparison.Ordinal)) return Of(printed[..^2], standIn, generic) is { } element ? element + "[]" : null;
        int tick = printed.IndexOf('`', StringComparison.Ordinal);
        if (tick < 0) return Exists(printed, standIn) ? Written(printed) : null;
        int open = printed.IndexOf('[', StringComparison.Ordinal);
        if (open < 0 || !printed.EndsWith(']') || !Exists(printed[..open], standIn)) return null;
        string?[] arguments = [.. Split(printed[(open + 1)..^1]).Select(a => Of(a, standIn, generic))];
        if (arguments.Contains(null)) return null;
        return printed[..tick] == "System.Nullable" ? arguments[0] + "?" : $"{Written(printed[..tick])}<{string.Join(", ", arguments)}>";
    }

    private static string Written(string name) => "global::" + name.Replace('+', '.');

    private static bool Exists(string name, Assembly standIn) => standIn.GetType(name) is { IsVisible: true }
        || typeof(object).Assembly.GetType(name) is { IsVisible: true } || Type.GetType($"{name}, System.Collections") is not null;

    private static IEnumerable<string> Split(string arguments)
    {
        int depth = 0, from = 0;
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == '[') depth++;
            else if (arguments[i] == ']') depth--;
            else if (depth == 0 && arguments[i] == ',')
            {
                yield return arguments[from..i];
                from = i + 1;
            }
        }

        yield return arguments[from..];
    }
}
