using System.Collections.Concurrent;
using System.Text.Json;
using Billing.Gateways;

namespace Billing.Stripe;

/// <summary>A payment method as an intent needs it.</summary>
/// <param name="Id">Stripe's id.</param>
/// <param name="Customer">The customer that it belongs to; an intent must name it.</param>
/// <param name="Type">Stripe's name of its type.</param>
internal sealed record StripeMethod(string Id, string? Customer, string Type);

/// <summary>
/// What Stripe knows of tokens. A token is a payment method's id, <c>pm_…</c>, or a customer's and its, <c>cus_…/pm_…</c>. To whom a
/// method belongs does not change, so it is asked once for as long as it is remembered.
/// </summary>
internal sealed class StripeMethods(StripeClient client)
{
    private const int Most = 10_000;
    private readonly ConcurrentDictionary<string, StripeMethod> _known = new(StringComparer.Ordinal);

    /// <summary>
    /// The method of a token. What Stripe refuses to tell is what the token and its kind say: the intent will show whether that
    /// is right. Where Stripe was not heard there is no method but the reply: an intent that does not name its customer would be
    /// refused, and our not knowing is no decline.
    /// </summary>
    public async Task<(StripeMethod? Method, StripeReply? Unheard)> FindAsync(string token, MethodKind kind, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(token, out var known)) return (known, null);
        var (customer, id) = Split(token);
        var assumed = new StripeMethod(id, customer, kind == MethodKind.Bank ? "us_bank_account" : "card");
        if (customer is not null && kind == MethodKind.Card) return (assumed, null);
        var reply = await client.GetAsync($"/v1/payment_methods/{Uri.EscapeDataString(id)}", cancellationToken);
        return reply.Reach switch
        {
            StripeReach.Done => (Remember(token, assumed, reply.Body), null),
            StripeReach.Refused => (assumed, null),
            _ => (null, reply),
        };
    }

    /// <summary>Brand, last four digits, fingerprint; nothing where Stripe does not say.</summary>
    public async Task<MethodDescription> DescribeAsync(string token, CancellationToken cancellationToken)
    {
        var (customer, id) = Split(token);
        var reply = await client.GetAsync($"/v1/payment_methods/{Uri.EscapeDataString(id)}", cancellationToken);
        if (reply.Reach != StripeReach.Done) return new MethodDescription(null, null, null);
        var method = Remember(token, new StripeMethod(id, customer, "card"), reply.Body);
        var details = reply.Body.Child(method.Type);
        return new MethodDescription(
            details.Text("brand") ?? details.Text("bank_name"), details.Text("last4"), details.Text("fingerprint"),
            NetworkOf(details.Child("networks").Text("preferred") ?? details.Text("brand")), details.Text("funding"));
    }

    private StripeMethod Remember(string token, StripeMethod assumed, JsonElement said)
    {
        var method = new StripeMethod(assumed.Id, said.Reference("customer") ?? assumed.Customer, said.Text("type") ?? assumed.Type);
        // Whoever has so many methods asks again now and then.
        if (_known.Count >= Most) _known.Clear();
        return _known[token] = method;
    }

    private static (string? Customer, string Id) Split(string token) => token.Split('/') is [var customer, var id] ? (customer, id) : (null, token);

    private static string? NetworkOf(string? brand) => brand switch { "visa" => "visa", "mastercard" => "mastercard", "unknown" => null, _ => brand };
}
