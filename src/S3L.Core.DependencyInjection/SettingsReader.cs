using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using S3L.Core.Training;

namespace S3L.Core.DependencyInjection;

/// <summary>Reads settings of a configuration into immutable options; each refusal names the setting by its whole path.</summary>
internal static class SettingsReader
{
    internal static T Read<T>(T options, IConfiguration section, Settings<T> settings)
    {
        foreach (IConfigurationSection setting in section.GetChildren())
        {
            if (!settings.TryGetValue(setting.Key, out Func<T, IConfigurationSection, T>? read))
            {
                throw Refused(setting, $"is not known here; known are {string.Join(", ", settings.Keys)}.");
            }

            try
            {
                options = read(options, setting);
            }
            catch (ArgumentException outOfRange)
            {
                throw Refused(setting, $"is refused: {outOfRange.Message}");
            }
        }

        return options;
    }

    internal static int Integer(IConfigurationSection setting) =>
        int.TryParse(setting.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : throw Not(setting, "an integer");

    internal static double Number(IConfigurationSection setting) =>
        double.TryParse(setting.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : throw Not(setting, "a number");

    internal static bool Flag(IConfigurationSection setting) =>
        bool.TryParse(setting.Value, out bool value) ? value : throw Not(setting, "true or false");

    internal static string Text(IConfigurationSection setting) => setting.Value is { Length: > 0 } text ? text : throw Not(setting, "a text");

    internal static T Name<T>(IConfigurationSection setting) where T : struct, Enum =>
        Enum.TryParse(setting.Value, ignoreCase: true, out T value) && Enum.IsDefined(value)
            ? value
            : throw Not(setting, $"one of {string.Join(", ", Enum.GetNames<T>())}");

    internal static OptionsValidationException Refused(IConfigurationSection setting, string reason) =>
        new(Options.DefaultName, typeof(TrainerOptions), [$"The setting {setting.Path} {reason}"]);

    private static OptionsValidationException Not(IConfigurationSection setting, string expected) =>
        Refused(setting, $"must be {expected}, but is '{setting.Value}'.");
}
