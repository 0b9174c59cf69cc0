using System.Text.Json;
using Billing.Grains.Hosting;

namespace Billing.Silo;

/// <summary>Messages between silos in the very JSON in which they are stored: one contract to keep (docs/decisions).</summary>
internal static class WireJson
{
    /// <summary>The contract.</summary>
    public static JsonSerializerOptions Options => StoredJson.Default.Options;

    /// <summary>Whether a type is one of ours that goes over the wire.</summary>
    public static bool IsOurs(Type type) => type.Namespace is "Billing.Domain" or "Billing.Grains.Interfaces";
}
