using System.Text.Json;
using NodaTime;

namespace Billing.Stripe;

/// <summary>How far a request got.</summary>
internal enum StripeReach
{
    /// <summary>Stripe did it.</summary>
    Done,

    /// <summary>Stripe did not do it and says why (4xx).</summary>
    Refused,

    /// <summary>A request with this key, or on this object, is under way (409).</summary>
    InUse,

    /// <summary>Too many requests (429): nothing was done.</summary>
    TooMany,

    /// <summary>It never reached Stripe, or Stripe does not know our key: nothing was done.</summary>
    NotReached,

    /// <summary>The answer was lost, or says that Stripe does not know either (5xx, also a stored one that is replayed).</summary>
    Lost,
}

/// <summary>What came of a request.</summary>
/// <param name="Reach">How far it got.</param>
/// <param name="Body">The answer; undefined where there is none.</param>
/// <param name="RetryAfter">How long Stripe wants to be left alone.</param>
internal sealed record StripeReply(StripeReach Reach, JsonElement Body = default, Duration? RetryAfter = null)
{
    /// <summary>The error; undefined where there is none.</summary>
    public JsonElement Error => Body.Child("error");
}

/// <summary>Reads JSON that may lack anything.</summary>
internal static class StripeJson
{
    /// <summary>A field; undefined where there is none.</summary>
    public static JsonElement Child(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var child) ? child : default;

    /// <summary>A text, or <see langword="null"/>.</summary>
    public static string? Text(this JsonElement element, string name) => element.Child(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A whole number, or <see langword="null"/>.</summary>
    public static long? Number(this JsonElement element, string name) => element.Child(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : null;

    /// <summary>A truth, or <see langword="null"/>.</summary>
    public static bool? Truth(this JsonElement element, string name) => element.Child(name).ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    /// <summary>The id of an object, expanded or not.</summary>
    public static string? Reference(this JsonElement element, string name) => element.Text(name) ?? element.Child(name).Text("id");

    /// <summary>An instant in seconds of Unix, or <see langword="null"/>.</summary>
    public static Instant? Seconds(this JsonElement element, string name) => element.Number(name) is { } seconds and >= 0 and <= 253_402_300_799 ? Instant.FromUnixTimeSeconds(seconds) : null;
}
