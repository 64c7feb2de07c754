using Microsoft.Extensions.Configuration;

namespace S3L.Core.DependencyInjection;

/// <summary>By name, how a setting changes immutable options. Names are read as configurations do, whatever their case.</summary>
internal sealed class Settings<T>() : Dictionary<string, Func<T, IConfigurationSection, T>>(StringComparer.OrdinalIgnoreCase);
