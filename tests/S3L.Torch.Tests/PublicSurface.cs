using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace S3L.Torch.Tests;

/// <summary>
/// The public and protected members of an assembly, one line each: <c>TYPE | KIND | RESULT | NAME(PARAMETERS) | FLAGS</c>.
/// The flags are the access, <c>static</c>, and the accessors of a property; inheritance is left out.
/// </summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>Each member with its line; types come as themselves.</summary>
    internal static IEnumerable<(MemberInfo Member, string Line)> Of(Assembly assembly) =>
        assembly.GetTypes().Where(Visible).SelectMany(OfType);

    /// <summary>A line of the stored list with the flags that are compared, in the same order.</summary>
    internal static string Comparable(string line)
    {
        string[] columns = line.Split(" | ");
        string[] flags = columns[^1].Split(' ');
        if (columns[1] == "type") return $"{columns[0]} | type | {KindWord(flags)} | {columns[3]} | ";
        string[] kept = [.. flags.Where(f => f is "public" or "protected" or "static" or "get" or "set" or "protected-get" or "protected-set")];
        return string.Join(" | ", [.. columns[..^1], string.Join(' ', kept)]);
    }

    private static string KindWord(string[] flags) =>
        flags.Contains("static") ? "static class" : flags.First(f => f is "class" or "struct" or "interface" or "enum" or "delegate");

    private static bool Visible(Type type)
    {
        for (; type.IsNested; type = type.DeclaringType!)
        {
            if (!type.IsNestedPublic && !type.IsNestedFamily && !type.IsNestedFamORAssem) return false;
        }

        return type.IsPublic;
    }

    private static IEnumerable<(MemberInfo Member, string Line)> OfType(Type type)
    {
        string word = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct"
            : type.IsSubclassOf(typeof(Delegate)) ? "delegate" : type.IsAbstract && type.IsSealed ? "static class" : "class";
        yield return (type, $"{type} | type | {word} | {type.Name.Split('`')[0]} | ");
        foreach (MemberInfo member in type.GetMembers(Declared).Where(m => !Overrides(m)))
        {
            (string Kind, string Result, string Signature, string Flags)? parts = member switch
            {
                ConstructorInfo c when !c.IsStatic && Open(c) => ("ctor", "System.Void", $".ctor({Parameters(c)})", Access(c)),
                MethodInfo m when Open(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal)) =>
                    ("method", m.ReturnType + TupleNames(m.ReturnParameter.GetCustomAttributesData()), Method(m), Access(m) + Static(m.IsStatic)),
                PropertyInfo p when p.GetAccessors(true).Any(Open) => Property(p),
                FieldInfo f when type.IsEnum && f.IsStatic =>
                    ("enum", type.GetEnumUnderlyingType().ToString(),
                        $"{f.Name} = {Convert.ToString(f.GetRawConstantValue(), CultureInfo.InvariantCulture)}", "public"),
                FieldInfo f when !f.IsSpecialName && (f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly) =>
                    ("field", f.FieldType + TupleNames(f.GetCustomAttributesData()), f.Name, (f.IsPublic ? "public" : "protected")
                        + Static(f.IsStatic)),
                EventInfo e when Open(e.AddMethod!) => ("event", e.EventHandlerType!.ToString(), e.Name, Access(e.AddMethod!)),
                _ => null,
            };
            if (parts is { } p2) yield return (member, $"{type} | {p2.Kind} | {p2.Result} | {p2.Signature} | {p2.Flags}");
        }
    }

    private static (string Kind, string Result, string Signature, string Flags) Property(PropertyInfo property)
    {
        MethodInfo[] open = [.. property.GetAccessors(true).Where(Open)];
        string access = open.Any(a => a.IsPublic) ? "public" : "protected";
        string Accessor(MethodInfo? method, string name) =>
            method is null || !Open(method) ? "" : Access(method) == access ? $" {name}" : $" {Access(method)}-{name}";
        string index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{Parameters(parameters, false)}]" : "";
        return ("property", property.PropertyType + TupleNames(property.GetCustomAttributesData()), property.Name + index,
            access + Static(open[0].IsStatic) + Accessor(property.GetMethod, "get") + Accessor(property.SetMethod, "set"));
    }

    private static string Method(MethodInfo method)
    {
        Type[] generic = method.IsGenericMethodDefinition ? method.GetGenericArguments() : [];
        string name = generic.Length == 0 ? method.Name : $"{method.Name}[{string.Join(",", generic.Select(g => g.Name))}]";
        bool extension = method.IsDefined(typeof(ExtensionAttribute), false);
        return $"{name}({Parameters(method.GetParameters(), extension)}){string.Concat(generic.Select(Constraints))}";
    }

    private static string Constraints(Type argument)
    {
        GenericParameterAttributes flags = argument.GenericParameterAttributes;
        var constraints = new List<string>();
        bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) constraints.Add("class");
        if (isStruct) constraints.Add("struct");
        constraints.AddRange(argument.GetGenericParameterConstraints()
            .Where(c => c != typeof(ValueType)).Select(c => c.ToString()).Order(StringComparer.Ordinal));
        if (!isStruct && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) constraints.Add("new()");
        return constraints.Count == 0 ? "" : $" where {argument.Name} : {string.Join(",", constraints)}";
    }

    private static string Parameters(ConstructorInfo constructor) => Parameters(constructor.GetParameters(), false);

    private static string Parameters(ParameterInfo[] parameters, bool extension) => string.Join(", ", parameters.Select(p =>
    {
        string prefix = extension && p.Position == 0 ? "this " : p.IsDefined(typeof(ParamArrayAttribute), false) ? "params " : "";
        Type type = p.ParameterType;
        if (type.IsByRef)
        {
            type = type.GetElementType()!;
            prefix += p.IsOut ? "out " : p.IsIn ? "in " : "ref ";
        }

        string value = p.HasDefaultValue ? $" = {Default(p.RawDefaultValue, type)}" : p.IsOptional ? " = default" : "";
        return $"{prefix}{type}{TupleNames(p.GetCustomAttributesData())} {p.Name}{value}";
    }));

    private static string Default(object? value, Type type)
    {
        if (value is null or DBNull or Missing) return type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null";
        type = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            _ when type.IsEnum => Enum.ToObject(type, value).ToString()!,
            bool b => b ? "true" : "false",
            string s => $"\"{s}\"",
            IFormattable number => number.ToString(value is double or float ? "R" : null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
    }

    private static string TupleNames(IList<CustomAttributeData> attributes)
    {
        CustomAttributeData? names = attributes.FirstOrDefault(a => a.AttributeType == typeof(TupleElementNamesAttribute));
        if (names is null) return "";
        var all = (IEnumerable<CustomAttributeTypedArgument>)names.ConstructorArguments[0].Value!;
        return $"{{{string.Join(",", all.Select(n => (string?)n.Value ?? "_"))}}}";
    }

    // What overrides a member of this assembly is that member, and stands with its declaration.
    private static bool Overrides(MemberInfo member)
    {
        MethodInfo? method = member as MethodInfo ?? (member as PropertyInfo)?.GetMethod;
        MethodInfo? first = method?.GetBaseDefinition();
        return first is not null && first != method && first.DeclaringType!.Assembly == method!.DeclaringType!.Assembly;
    }

    private static bool Open(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method) => method.IsPublic ? "public" : "protected";

    private static string Static(bool isStatic) => isStatic ? " static" : "";
}
