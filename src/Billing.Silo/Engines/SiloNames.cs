using System.Globalization;
using System.Reflection;

namespace Billing.Silo;

/// <summary>A silo's name says which build it is, so that everybody who reads the membership table sees how far an upgrade is.</summary>
internal static class SiloNames
{
    private const int LongestVersion = 40;

    /// <summary>The version of this build.</summary>
    public static string Version { get; } = Shorten(
        typeof(SiloNames).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");

    /// <summary>The name of a silo of this build.</summary>
    public static string Write(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}@{Version}");

    /// <summary>The version in a name; none where somebody else gave the name.</summary>
    public static string? VersionOf(string name) => name.LastIndexOf('@') is var at and >= 0 ? name[(at + 1)..] : null;

    private static string Shorten(string version) => version.Length > LongestVersion ? version[..LongestVersion] : version;
}
