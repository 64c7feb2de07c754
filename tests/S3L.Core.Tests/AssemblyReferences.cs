using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace S3L.Core.Tests;

/// <summary>What an assembly takes from another: types and members, each with the place that uses it, read from metadata and IL.</summary>
internal sealed class AssemblyReferences
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private readonly Assembly _used;
    private readonly Dictionary<MemberInfo, SortedSet<string>> _places = [];

    private AssemblyReferences(Assembly used) => _used = used;

    /// <summary>Reads every type but those that <paramref name="except"/> holds or nests.</summary>
    public static IReadOnlyDictionary<MemberInfo, SortedSet<string>> Of(Assembly user, Assembly used, Func<Type, bool> except)
    {
        var found = new AssemblyReferences(used);
        foreach (Type type in user.GetTypes().Where(t => !except(Outermost(t)))) found.AddType(type);
        return found._places;
    }

    /// <summary>Every row of the tables of type and member references that leads to the other assembly.</summary>
    public static HashSet<MemberInfo> RowsOf(Assembly user, Assembly used)
    {
        using var file = new PEReader(File.OpenRead(user.Location));
        MetadataReader reader = file.GetMetadataReader();
        string name = used.GetName().Name!;
        IEnumerable<EntityHandle> rows =
        [
            .. reader.TypeReferences.Select(h => (EntityHandle)h).Where(h => LeadsTo(reader, h, name)),
            .. reader.MemberReferences.Where(h => LeadsTo(reader, reader.GetMemberReference(h).Parent, name)).Select(h => (EntityHandle)h),
        ];
        return [.. rows.Select(r => Definition(user.ManifestModule.ResolveMember(MetadataTokens.GetToken(r))!))];
    }

    private static bool LeadsTo(MetadataReader reader, EntityHandle handle, string assembly) => handle.Kind switch
    {
        HandleKind.AssemblyReference => reader.StringComparer.Equals(reader.GetAssemblyReference((AssemblyReferenceHandle)handle).Name, assembly),
        HandleKind.TypeReference => LeadsTo(reader, reader.GetTypeReference((TypeReferenceHandle)handle).ResolutionScope, assembly),
        HandleKind.TypeSpecification => LeadsTo(reader, GenericTypeOf(reader, (TypeSpecificationHandle)handle), assembly),
        _ => false,
    };

    // A member of an instance of a generic type: the code for that, class or struct, then the type. Arrays lead nowhere.
    private static EntityHandle GenericTypeOf(MetadataReader reader, TypeSpecificationHandle handle)
    {
        BlobReader signature = reader.GetBlobReader(reader.GetTypeSpecification(handle).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance) return default;
        signature.ReadByte();
        return signature.ReadTypeHandle();
    }

    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return type;
    }

    private void AddType(Type type)
    {
        string place = type.ToString();
        Add(type.BaseType, place);
        foreach (Type part in type.GetInterfaces()) Add(part, place);
        AddAttributes(type, place);
        foreach (Type argument in type.GetGenericArguments()) AddArgument(argument, place);
        foreach (FieldInfo field in type.GetFields(Declared))
        {
            Add(field.FieldType, $"{place}.{field.Name}");
            AddAttributes(field, $"{place}.{field.Name}");
        }

        foreach (MemberInfo member in type.GetProperties(Declared).Concat<MemberInfo>(type.GetEvents(Declared))) AddAttributes(member, place);
        foreach (MethodBase method in type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)))
        {
            AddMethod(method, $"{place}.{method.Name}");
        }
    }

    private void AddMethod(MethodBase method, string place)
    {
        AddAttributes(method, place);
        foreach (ParameterInfo parameter in method.GetParameters()) Add(parameter.ParameterType, place);
        if (method is MethodInfo info)
        {
            Add(info.ReturnType, place);
            if (info.GetBaseDefinition() is { } first && first != info) Add(first, place);
            if (info.IsGenericMethodDefinition) foreach (Type argument in info.GetGenericArguments()) AddArgument(argument, place);
        }

        if (method.GetMethodBody() is not { } body) return;
        foreach (LocalVariableInfo local in body.LocalVariables) Add(local.LocalType, place);
        foreach (ExceptionHandlingClause clause in body.ExceptionHandlingClauses)
        {
            if (clause.Flags == ExceptionHandlingClauseOptions.Clause) Add(clause.CatchType, place);
        }

        Type[]? typeArguments = method.DeclaringType is { IsGenericType: true } declaring ? declaring.GetGenericArguments() : null;
        Type[]? methodArguments = method.IsGenericMethodDefinition ? method.GetGenericArguments() : null;
        foreach (int token in IlTokens.Of(body.GetILAsByteArray()!))
        {
            Add(method.Module.ResolveMember(token, typeArguments, methodArguments), place);
        }
    }

    private void AddAttributes(MemberInfo member, string place)
    {
        foreach (CustomAttributeData attribute in member.GetCustomAttributesData()) Add(attribute.Constructor, place);
    }

    private void AddArgument(Type argument, string place)
    {
        foreach (Type constraint in argument.GetGenericParameterConstraints()) Add(constraint, place);
    }

    // A member with all types of its signature, as far as they are the other assembly's.
    private void Add(MemberInfo? member, string place)
    {
        switch (member)
        {
            case null: return;
            case Type { HasElementType: true } type: Add(type.GetElementType(), place); return;
            case Type { IsGenericParameter: true }: return;
            case Type { IsConstructedGenericType: true } type:
                foreach (Type argument in type.GetGenericArguments()) Add(argument, place);
                break;
            case MethodInfo { IsConstructedGenericMethod: true } method:
                foreach (Type argument in method.GetGenericArguments()) Add(argument, place);
                break;
        }

        if (member is not Type) Add(member.DeclaringType, place);
        MemberInfo definition = Definition(member);
        if (definition.Module.Assembly != _used) return;
        if (!_places.TryGetValue(definition, out SortedSet<string>? places)) _places.Add(definition, places = new(StringComparer.Ordinal));
        if (!places.Add(place)) return;
        if (definition.DeclaringType is { } outer) Add(outer, place);
        if (definition is MethodBase signature) foreach (ParameterInfo parameter in signature.GetParameters()) Add(parameter.ParameterType, place);
        if (definition is MethodInfo result) Add(result.ReturnType, place);
        if (definition is FieldInfo field) Add(field.FieldType, place);
    }

    private static MemberInfo Definition(MemberInfo member) => member switch
    {
        Type { IsConstructedGenericType: true } type => type.GetGenericTypeDefinition(),
        Type type => type,
        MethodInfo { IsConstructedGenericMethod: true } method => Definition(method.GetGenericMethodDefinition()),
        { DeclaringType.IsConstructedGenericType: true } => member.Module.ResolveMember(member.MetadataToken)!,
        // An override stands with what it overrides, as in the listing.
        MethodInfo { IsVirtual: true } method when method.GetBaseDefinition().Module.Assembly == method.Module.Assembly => method.GetBaseDefinition(),
        _ => member,
    };
}
