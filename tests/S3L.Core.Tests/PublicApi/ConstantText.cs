using System.Globalization;

namespace S3L.Core.Tests.PublicApi;

/// <summary>Constants and default values as C# writes them.</summary>
internal static class ConstantText
{
    public static string Of(object? value, Type type)
    {
        if (type.IsByRef) type = type.GetElementType()!;
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            null => type.IsValueType && plain == type ? "default" : "null",
            _ when plain.IsEnum => $"{TypeText.Simple(plain)}.{Enum.ToObject(plain, value)}",
            bool truth => truth ? "true" : "false",
            string text => $"\"{text}\"",
            char letter => $"'{letter}'",
            double or float => ((IFormattable)value).ToString("R", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }
}
