using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Billing.Gateways;
using NodaTime;

namespace Billing.Stripe;

/// <summary>
/// Stripe's books since an instant: charges, then refunds, then disputes. Stripe lists by when an object was made, so what
/// changes later is looked for from further back; of those older objects only what can have changed is told.
/// </summary>
internal static class StripeBooks
{
    private const int PageSize = 100;

    private static readonly BookList[] Lists =
    [
        // A bank debit is pending before it is captured, for up to 14 business days (Stripe, "SEPA Direct Debit payments", 2026-03). A card's charge is what it is at once.
        new("charges", Duration.FromDays(21), (charge, _) => charge.Child("payment_method_details").Text("type") != "card"),
        // A refund may fail up to 30 days after it was sent (Stripe, "Refund and cancel payments", 2026-03); that it was sent has been told.
        new("refunds", Duration.FromDays(30), (_, told) => told.Fact == GatewayFact.RefundFailed),
        // A dispute is decided months after it was opened, and there are few.
        new("disputes", Duration.FromDays(120), (_, _) => true),
    ];

    /// <summary>A page.</summary>
    /// <exception cref="HttpRequestException">Stripe did not answer.</exception>
    public static async Task<GatewayPage> ListAsync(StripeClient client, Instant since, string? cursor, bool isLive, CancellationToken cancellationToken)
    {
        var (list, after) = cursor?.Split(':') is [var name, var last] ? (Array.FindIndex(Lists, item => item.Name == name), last) : (0, "");
        var from = (since - Lists[list].Before).ToUnixTimeSeconds();
        var path = string.Create(CultureInfo.InvariantCulture, $"/v1/{Lists[list].Name}?created[gte]={from}&limit={PageSize}{(after.Length > 0 ? "&starting_after=" + Uri.EscapeDataString(after) : "")}");
        var reply = await client.GetAsync(path, cancellationToken);
        if (reply.Reach != StripeReach.Done) throw new HttpRequestException($"Stripe's {Lists[list].Name} could not be listed: {reply.Error.Text("code") ?? reply.Reach.ToString()}.");
        ImmutableArray<JsonElement> items = [.. ItemsOf(reply.Body)];
        ImmutableArray<GatewayEvent> events = [.. items.Select(item => Read(item, Lists[list], since, isLive)).OfType<GatewayEvent>()];
        if (reply.Body.Truth("has_more") == true && !items.IsEmpty && items[^1].Text("id") is { } end) return new GatewayPage(events, $"{Lists[list].Name}:{end}");
        return new GatewayPage(events, list + 1 < Lists.Length ? $"{Lists[list + 1].Name}:" : null);
    }

    private static GatewayEvent? Read(JsonElement item, BookList list, Instant since, bool isLive) =>
        // Stripe counts in seconds.
        StripeObjects.Read(item, isLive) is { } told && (!(item.Number("created") < since.ToUnixTimeSeconds()) || list.MayHaveChanged(item, told)) ? told : null;

    /// <summary>A list of Stripe's.</summary>
    /// <param name="Name">Its name in paths.</param>
    /// <param name="Before">How long after it was made an object may still change.</param>
    /// <param name="MayHaveChanged">Whether what an older object says may be news.</param>
    private sealed record BookList(string Name, Duration Before, Func<JsonElement, GatewayEvent, bool> MayHaveChanged);

    /// <summary>The objects of a list.</summary>
    public static IEnumerable<JsonElement> ItemsOf(JsonElement list) => list.Child("data") is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];
}
