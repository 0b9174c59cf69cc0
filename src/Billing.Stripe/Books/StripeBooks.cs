using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Billing.Gateways;
using NodaTime;

namespace Billing.Stripe;

/// <summary>Stripe's books since an instant: charges, then refunds, then disputes. Stripe lists by when an object was made, so what changes later is looked for from further back.</summary>
internal static class StripeBooks
{
    private const int PageSize = 100;

    private static readonly (string Name, Duration Before)[] Lists =
    [
        // A bank debit is pending for days before it is captured.
        ("charges", Duration.Zero),
        // A refund may fail days after it was sent.
        ("refunds", Duration.Zero),
        // A dispute is decided months after it was opened, and there are few.
        ("disputes", Duration.FromDays(120)),
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
        ImmutableArray<GatewayEvent> events = [.. items.Select(item => StripeObjects.Read(item, isLive)).OfType<GatewayEvent>()];
        if (reply.Body.Truth("has_more") == true && !items.IsEmpty && items[^1].Text("id") is { } end) return new GatewayPage(events, $"{Lists[list].Name}:{end}");
        return new GatewayPage(events, list + 1 < Lists.Length ? $"{Lists[list + 1].Name}:" : null);
    }

    /// <summary>The objects of a list.</summary>
    public static IEnumerable<JsonElement> ItemsOf(JsonElement list) => list.Child("data") is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];
}
