using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace S3L.Core.Tests.PublicApi;

/// <summary>
/// What users of an assembly can see of it, as declarations close to C#: one block per type, members by kind and name. Types stand without their
/// namespace, so that the text is the same for both engines; what the compiler adds to records is left out.
/// </summary>
internal static class PublicApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        IEnumerable<IGrouping<string?, Type>> spaces = assembly.GetTypes().Where(IsVisible).GroupBy(t => t.Namespace);
        foreach (IGrouping<string?, Type> space in spaces.OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length == 0 ? "" : "\n").Append("namespace ").Append(space.Key).Append('\n');
            foreach (Type type in space.OrderBy(TypeText.Of, StringComparer.Ordinal)) AppendType(text, type);
        }

        return text.ToString();
    }

    private static void AppendType(StringBuilder text, Type type)
    {
        text.Append('\n').Append(Header(type)).Append('\n');
        if (type.IsSubclassOf(typeof(Delegate))) return;
        if (type.IsEnum)
        {
            foreach (FieldInfo value in type.GetFields(BindingFlags.Public | BindingFlags.Static))
            {
                text.Append("    ").Append(value.Name).Append(" = ").Append(ConstantText.Of(value.GetRawConstantValue(), typeof(long))).Append('\n');
            }

            return;
        }

        IEnumerable<string> members = type.GetMembers(Declared).Where(m => !IsCompilers(m))
            .Select(m => (Kind: Kind(m), m.Name, Text: Member(m))).Where(m => m.Text is not null)
            .OrderBy(m => m.Kind).ThenBy(m => m.Name, StringComparer.Ordinal).ThenBy(m => m.Text, StringComparer.Ordinal).Select(m => m.Text!);
        foreach (string member in members) text.Append("    ").Append(member).Append('\n');
    }

    private static string Header(Type type)
    {
        string access = type.IsNested && !type.IsNestedPublic ? "protected " : "public ";
        if (type.IsSubclassOf(typeof(Delegate)))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            string result = TypeText.Of(invoke.ReturnParameter);
            return $"{access}delegate {result} {TypeText.Of(type)}{Parameters(invoke)}{Constraints(type.GetGenericArguments())}";
        }

        MemberInfo[] members = type.GetMembers(Declared);
        string record = members.Any(m => m.Name is "<Clone>$" || (type.IsValueType && m.Name is "PrintMembers")) ? "record " : "";
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface"
            : type.IsValueType ? $"{(type.IsDefined(typeof(IsReadOnlyAttribute), false) ? "readonly " : "")}{record}struct"
            : Openness(type) + (record.Length > 0 ? "record" : "class");
        IEnumerable<Type> bases = type.IsEnum
            ? type.GetEnumUnderlyingType() == typeof(int) ? [] : [type.GetEnumUnderlyingType()]
            : [.. BaseClass(type), .. OwnInterfaces(type, record.Length > 0)];
        string list = string.Join(", ", bases.Select(TypeText.Of));
        return $"{access}{kind} {TypeText.Of(type)}{(list.Length > 0 ? $" : {list}" : "")}{Constraints(type.GetGenericArguments())}";
    }

    private static string Openness(Type type) =>
        type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "";

    private static Type[] BaseClass(Type type) => type.BaseType is { } known && known != typeof(object) && known != typeof(ValueType) ? [known] : [];

    // Without those that come with the base class or with another interface, and a record's IEquatable.
    private static IEnumerable<Type> OwnInterfaces(Type type, bool isRecord)
    {
        Type[] all = type.GetInterfaces();
        return all.Except(type.BaseType?.GetInterfaces() ?? []).Except(all.SelectMany(i => i.GetInterfaces()))
            .Where(i => IsVisible(i) && !(isRecord && i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEquatable<>)))
            .OrderBy(TypeText.Of, StringComparer.Ordinal);
    }

    private static int Kind(MemberInfo member) => member switch
    {
        ConstructorInfo => 0,
        FieldInfo => 1,
        PropertyInfo => 2,
        EventInfo => 3,
        _ => 4,
    };

    private static string? Member(MemberInfo member) => member switch
    {
        ConstructorInfo { IsStatic: false } made when IsOpen(made) => $"{Access(made)}{TypeText.Simple(made.DeclaringType!)}{Parameters(made)}",
        MethodInfo method when IsOpen(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            $"{Modifiers(method)}{TypeText.Of(method.ReturnParameter)} {method.Name}{Generic(method)}{Parameters(method)}"
                + Constraints(method.GetGenericArguments()),
        PropertyInfo property when property.GetAccessors(true).Any(IsOpen) => Property(property),
        EventInfo raised when IsOpen(raised.AddMethod!) => $"{Modifiers(raised.AddMethod!)}event {TypeText.Of(raised)} {raised.Name}",
        FieldInfo field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly => Field(field),
        _ => null,
    };

    private static string Property(PropertyInfo property)
    {
        MethodInfo[] open = [.. property.GetAccessors(true).Where(IsOpen)];
        MethodInfo widest = open.FirstOrDefault(a => a.IsPublic) ?? open[0];
        string Accessor(MethodInfo? accessor, string name) => accessor is null || !IsOpen(accessor) ? ""
            : $"{(accessor.IsPublic == widest.IsPublic ? "" : Access(accessor))}{name}; ";
        bool isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        ParameterInfo[] index = property.GetIndexParameters();
        string name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        string required = property.IsDefined(typeof(RequiredMemberAttribute), false) ? "required " : "";
        return $"{Modifiers(widest)}{required}{TypeText.Of(property)} {name} "
            + $"{{ {Accessor(property.GetMethod, "get")}{Accessor(property.SetMethod, isInit ? "init" : "set")}}}";
    }

    private static string Field(FieldInfo field)
    {
        string access = field.IsPublic ? "public " : "protected ";
        if (field.IsLiteral)
            return $"{access}const {TypeText.Of(field)} {field.Name} = {ConstantText.Of(field.GetRawConstantValue(), field.FieldType)}";
        return $"{access}{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{TypeText.Of(field)} {field.Name}";
    }

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string Parameters(MethodBase method)
    {
        string extended = method.IsDefined(typeof(ExtensionAttribute), false) ? "this " : "";
        return $"({extended}{string.Join(", ", method.GetParameters().Select(Parameter))})";
    }

    private static string Parameter(ParameterInfo parameter)
    {
        bool takesList = parameter.IsDefined(typeof(ParamArrayAttribute), false) || parameter.IsDefined(typeof(ParamCollectionAttribute), false);
        string prefix = takesList ? "params "
            : !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        string value = parameter.HasDefaultValue ? $" = {ConstantText.Of(parameter.RawDefaultValue, parameter.ParameterType)}" : "";
        return $"{prefix}{TypeText.Of(parameter)} {parameter.Name}{value}";
    }

    private static string Constraints(Type[] arguments) => string.Concat(arguments.Where(a => a.IsGenericParameter).Select(argument =>
    {
        GenericParameterAttributes flags = argument.GenericParameterAttributes;
        var parts = new List<string>();
        if (argument.IsDefined(typeof(IsUnmanagedAttribute), false)) parts.Add("unmanaged");
        else if (flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint)) parts.Add("struct");
        else if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) parts.Add("class");
        IEnumerable<Type> types = argument.GetGenericParameterConstraints().Where(c => c != typeof(ValueType));
        parts.AddRange(types.Select(TypeText.Of).Order(StringComparer.Ordinal));
        bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (!isStruct && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) parts.Add("new()");
        return parts.Count == 0 ? "" : $" where {argument.Name} : {string.Join(", ", parts)}";
    }));

    private static string Modifiers(MethodInfo method)
    {
        bool isOverride = method.GetBaseDefinition() != method;
        string change = method.DeclaringType!.IsInterface ? method.IsStatic && method.IsAbstract ? "abstract " : ""
            : method.IsAbstract ? isOverride ? "abstract override " : "abstract "
            : isOverride ? method.IsFinal ? "sealed override " : "override "
            : method.IsVirtual && !method.IsFinal ? "virtual " : "";
        return $"{Access(method)}{(method.IsStatic ? "static " : "")}{change}";
    }

    private static string Access(MethodBase method) => method.IsPublic ? "public " : "protected ";

    private static bool IsOpen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsCompilers(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), false)
        || (member is PropertyInfo { Name: "EqualityContract" } contract && contract.GetMethod!.IsDefined(typeof(CompilerGeneratedAttribute), false));

    private static bool IsVisible(Type type)
    {
        if (type.IsConstructedGenericType) type = type.GetGenericTypeDefinition();
        for (; type.IsNested; type = type.DeclaringType!)
        {
            if (!type.IsNestedPublic && !type.IsNestedFamily && !type.IsNestedFamORAssem) return false;
        }

        return type.IsPublic;
    }
}
