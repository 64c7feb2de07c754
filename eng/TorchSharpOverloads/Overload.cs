using System.Reflection;
using System.Text.RegularExpressions;

namespace TorchSharpOverloads;

/// <summary>A method of the listing as C# that throws. Those that name a type which the stand-in has not are left out.</summary>
internal sealed partial record Overload(string Name, string Code)
{
    private static readonly Dictionary<string, string> Operators = new()
    {
        ["op_Addition"] = "+",
        ["op_Subtraction"] = "-",
        ["op_Multiply"] = "*",
        ["op_Division"] = "/",
        ["op_Modulus"] = "%",
        ["op_UnaryNegation"] = "-",
        ["op_LessThan"] = "<",
        ["op_LessThanOrEqual"] = "<=",
        ["op_GreaterThan"] = ">",
        ["op_GreaterThanOrEqual"] = ">=",
        ["op_Equality"] = "==",
        ["op_Inequality"] = "!=",
        ["op_BitwiseAnd"] = "&",
        ["op_BitwiseOr"] = "|",
        ["op_ExclusiveOr"] = "^",
        ["op_OnesComplement"] = "~",
        ["op_True"] = "true",
        ["op_False"] = "false",
    };

    /// <summary>Operators change what a line means even where S3L.Torch has none: with TorchSharp's, tensors are compared by elements.</summary>
    public bool IsOperator => Name.StartsWith("op_", StringComparison.Ordinal);

    /// <summary>Reads <c>TYPE | method | RESULT | NAME(PARAMETERS) | FLAGS</c>.</summary>
    public static Overload? Parse(string line, Assembly standIn)
    {
        string[] columns = line.Split(" | ");
        string signature = columns[3];
        Match name = Head().Match(signature);
        if (!name.Success || columns[^1].Contains("override", StringComparison.Ordinal)) return null;
        int end = signature.LastIndexOf(')');
        string[] generic = name.Groups[2].Success ? name.Groups[2].Value.Split(',') : [];
        string? result = TypeName.Of(columns[2], standIn, generic);
        string?[] parameters = [.. Split(signature[name.Length..end]).Select(p => Parameter(p, standIn, generic))];
        if (result is null || parameters.Contains(null)) return null;
        string access = columns[^1].StartsWith("public", StringComparison.Ordinal) ? "public" : "protected";
        string modifiers = access + (columns[^1].Contains("static", StringComparison.Ordinal) ? " static" : "");
        string list = string.Join(", ", parameters);
        string method = name.Groups[1].Value;
        string? head = method switch
        {
            "op_Implicit" => $"{modifiers} implicit operator {result}",
            "op_Explicit" => $"{modifiers} explicit operator {result}",
            _ when Operators.TryGetValue(method, out string? sign) => $"{modifiers} {result} operator {sign}",
            _ when method.StartsWith("op_", StringComparison.Ordinal) => null,
            _ => $"{modifiers} {result} @{method}{(generic.Length > 0 ? $"<{string.Join(", ", generic)}>" : "")}",
        };
        if (head is null) return null;
        string where = signature[(end + 1)..].Replace("where T : struct", "where T : unmanaged", StringComparison.Ordinal).Replace('+', '.');
        return new Overload(method, $"{head}({list}){where} => throw null!;");
    }

    /// <summary>Members within a part of their type and of the types around it.</summary>
    public static string Within(Type type, IEnumerable<string> members)
    {
        string inner = string.Join('\n', members);
        for (Type? t = type; t is not null; t = t.DeclaringType)
        {
            Type[] arguments = t.GetGenericArguments();
            string list = arguments.Length > 0 ? $"<{string.Join(", ", arguments.Select(a => a.Name))}>" : "";
            inner = $"partial {(t.IsValueType ? "struct" : "class")} {t.Name.Split('`')[0]}{list}\n{{\n{inner}\n}}";
        }

        return inner;
    }

    private static string? Parameter(string text, Assembly standIn, string[] generic)
    {
        Match parts = ParameterParts().Match(text);
        if (!parts.Success) return null;
        string? type = TypeName.Of(parts.Groups[2].Value, standIn, generic);
        if (type is null) return null;
        string value = parts.Groups[4].Value;
        // The name of an enumeration's value needs its type.
        if (value.Length > 0 && !Literal().IsMatch(value)) value = type.TrimEnd('?') + "." + value;
        string suffix = type.StartsWith("float", StringComparison.Ordinal) && value.Length > 0 && char.IsDigit(value[^1]) ? "f" : "";
        return $"{parts.Groups[1].Value}{type} @{parts.Groups[3].Value}{(value.Length > 0 ? $" = {value}{suffix}" : "")}";
    }

    private static IEnumerable<string> Split(string parameters)
    {
        int depth = 0, from = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            if (parameters[i] is '[' or '{') depth++;
            else if (parameters[i] is ']' or '}') depth--;
            else if (depth == 0 && parameters.AsSpan(i).StartsWith(", "))
            {
                yield return parameters[from..i];
                from = i + 2;
            }
        }

        if (from < parameters.Length) yield return parameters[from..];
    }

    [GeneratedRegex(@"^(\w+)(?:\[([^\]]*)\])?\(")]
    private static partial Regex Head();

    [GeneratedRegex(@"^((?:this |params |in |out |ref )*)(\S+) (\w+)(?: = (.+))?$")]
    private static partial Regex ParameterParts();

    [GeneratedRegex("^(null|default|true|false|\"[^\"]*\"|'.'|-?[0-9.E+-]+)$")]
    private static partial Regex Literal();
}
