using System.Globalization;
using System.Text.Json;
using NodaTime.Text;

namespace Billing.Api.Webhooks;

/// <summary>
/// Reads a provider's body: bounded and strict as JSON, lenient about fields that are not asked for, since a provider adds
/// some when it likes.
/// </summary>
internal static class WebhookBody
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ApiBounds.JsonDepth, AllowDuplicateProperties = false };

    /// <summary>The body as an object; <see langword="null"/> where it is none.</summary>
    public static JsonElement? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonElement.Parse(body, Strict) is { ValueKind: JsonValueKind.Object } json ? json : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half a surrogate pair in a name, met in the look for names given twice.
            return null;
        }
    }

    /// <summary>What is at a path of objects; <see langword="null"/> where nothing is.</summary>
    public static JsonElement? At(this JsonElement json, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out json)) return null;
        }

        return json.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : json;
    }

    /// <summary>The text at a path; <see langword="null"/> where there is none, or no valid one.</summary>
    public static string? Text(this JsonElement json, params ReadOnlySpan<string> path) => json.At(path) is { ValueKind: JsonValueKind.String } value ? AsText(value) : null;

    /// <summary>The whole number at a path, written as a number or as text.</summary>
    public static long? Whole(this JsonElement json, params ReadOnlySpan<string> path) => json.At(path) switch
    {
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var number) => number,
        { ValueKind: JsonValueKind.String } value when long.TryParse(AsText(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    /// <summary>The truth at a path.</summary>
    public static bool? Truth(this JsonElement json, params ReadOnlySpan<string> path) => json.At(path)?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>The instant at a path, as seconds since 1970 or as RFC 3339 with any offset.</summary>
    public static Instant? Instant(this JsonElement json, params ReadOnlySpan<string> path)
    {
        if (json.At(path) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number) return value.TryGetInt64(out var seconds) && seconds is >= 0 and < 253_402_300_800 ? NodaTime.Instant.FromUnixTimeSeconds(seconds) : null;
        return value.ValueKind == JsonValueKind.String && OffsetDateTimePattern.Rfc3339.Parse(AsText(value) ?? "") is { Success: true } parsed ? Millis(parsed.Value.ToInstant()) : null;
    }

    /// <summary>
    /// What of ours an object's metadata names, put into an event: <c>billing_payment</c> with <c>billing_attempt</c>, else
    /// <c>billing_account</c> with <c>billing_invoice</c>.
    /// </summary>
    public static GatewayEvent Owned(GatewayEvent told, JsonElement? metadata)
    {
        if (metadata is not { } names) return told;
        var (payment, account, invoice) = (names.Text("billing_payment"), names.Text("billing_account"), names.Text("billing_invoice"));
        if (payment is not null ? !PathIds.CanExist(payment) : account is not null && !Ids.IsValid(account))
        {
            return told with { Doubt = "Its metadata names something that no id of ours can be." };
        }

        if (payment is not null) return told with { Payment = payment, Ordinal = (int?)Math.Clamp(names.Whole("billing_attempt") ?? 0, 0, int.MaxValue) is > 0 and var ordinal ? ordinal : null };
        if (account is null) return told;
        var owned = told with { Account = account, Invoice = invoice is not null && PathIds.CanExist(invoice) ? invoice : null };
        return Ids.Received(account, told.Object).Length <= Ids.MaxDerivedLength ? owned : owned with { Doubt = "The gateway's id and the account's are too long for the name of a payment." };
    }

    /// <summary>Whether a gateway's id can be the reference of money: visible ASCII without <c>~</c>.</summary>
    public static bool IsReference(string? id) => id is { Length: > 0 and <= ApiBounds.ReferenceLength } && id.All(c => c is > ' ' and < '~');

    private static string? AsText(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static Instant? Millis(Instant at) => at < ApiBounds.EarliestInstant || at > ApiBounds.LatestInstant ? null : NodaTime.Instant.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
}
