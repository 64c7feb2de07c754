using System.Reflection;
using System.Runtime.CompilerServices;

namespace S3L.Core.Tests.PublicApi;

/// <summary>Types as C# writes them, without namespaces, with the names of tuple elements and a question mark where null may come.</summary>
internal static class TypeText
{
    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static string Of(Type type) => Write(type, null, new Queue<string?>());

    public static string Of(ParameterInfo parameter) =>
        Write(parameter.ParameterType, Nullability.Create(parameter), TupleNames(parameter.GetCustomAttributesData()));

    public static string Of(PropertyInfo property) =>
        Write(property.PropertyType, Nullability.Create(property), TupleNames(property.GetCustomAttributesData()));

    public static string Of(FieldInfo field) =>
        Write(field.FieldType, Nullability.Create(field), TupleNames(field.GetCustomAttributesData()));

    public static string Of(EventInfo raised) =>
        Write(raised.EventHandlerType!, Nullability.Create(raised), TupleNames(raised.GetCustomAttributesData()));

    /// <summary>The name without outer types and arguments, as a constructor has it.</summary>
    public static string Simple(Type type) => type.Name.Split('`')[0];

    private static string Write(Type type, NullabilityInfo? nullability, Queue<string?> names)
    {
        if (type.IsByRef) return Write(type.GetElementType()!, nullability, names);
        if (type.IsPointer) return Write(type.GetElementType()!, null, names) + "*";
        if (Nullable.GetUnderlyingType(type) is { } value) return Write(value, nullability?.GenericTypeArguments.FirstOrDefault(), names) + "?";
        string mark = nullability?.ReadState == NullabilityState.Nullable && !type.IsValueType && !type.IsGenericParameter ? "?" : "";
        if (type.IsArray)
        {
            return $"{Write(type.GetElementType()!, nullability?.ElementType, names)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        if (Keywords.TryGetValue(type, out string? keyword)) return keyword + mark;
        if (type.IsGenericParameter) return type.Name;
        if (typeof(ITuple).IsAssignableFrom(type) && type.IsValueType) return Tuple(type, nullability, names);
        return Named(type, nullability, names) + mark;
    }

    private static string Tuple(Type type, NullabilityInfo? nullability, Queue<string?> names)
    {
        Type[] items = type.GetGenericArguments();
        string?[] own = [.. items.Select(_ => names.TryDequeue(out string? name) ? name : null)];
        IEnumerable<string> parts = items.Select((item, i) =>
            Write(item, Argument(nullability, i), names) + (own[i] is { } name ? $" {name}" : ""));
        return $"({string.Join(", ", parts)})";
    }

    // The arguments of a nested type begin with those of the types around it.
    private static string Named(Type type, NullabilityInfo? nullability, Queue<string?> names)
    {
        Type[] arguments = type.GetGenericArguments();
        var chain = new List<Type>();
        for (Type? t = type; t is not null; t = t.DeclaringType) chain.Insert(0, t);
        int given = 0;
        IEnumerable<string> parts = chain.Select(t =>
        {
            int from = given, upTo = t.GetGenericArguments().Length;
            given = upTo;
            string list = string.Join(", ", Enumerable.Range(from, upTo - from).Select(i => Write(arguments[i], Argument(nullability, i), names)));
            return list.Length == 0 ? Simple(t) : $"{Simple(t)}<{list}>";
        });
        return string.Join('.', parts);
    }

    private static NullabilityInfo? Argument(NullabilityInfo? nullability, int index) =>
        nullability is not null && index < nullability.GenericTypeArguments.Length ? nullability.GenericTypeArguments[index] : null;

    private static Queue<string?> TupleNames(IList<CustomAttributeData> attributes)
    {
        CustomAttributeData? names = attributes.FirstOrDefault(a => a.AttributeType == typeof(TupleElementNamesAttribute));
        var all = (IEnumerable<CustomAttributeTypedArgument>?)names?.ConstructorArguments[0].Value;
        return new Queue<string?>(all?.Select(n => (string?)n.Value) ?? []);
    }
}
