using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Billing.Api.Webhooks;

/// <summary>
/// CoinPayments' webhooks, as its current API signs them (a-docs.coinpayments.net, "Authenticating webhook requests" and "Generate
/// API signature", 2026-08): <c>X-CoinPayments-Signature</c> is the base64 of HMAC-SHA256, keyed with the integration's client
/// secret, over U+FEFF, <c>POST</c>, the whole URL, <c>X-CoinPayments-Client</c>, <c>X-CoinPayments-Timestamp</c> and the body,
/// with nothing between them. The IPN scheme of the old API (header <c>HMAC</c>, SHA-512 over a form) is not taken.
/// </summary>
/// <remarks>
/// Implementation note: the URL is the one that the integration was given, from the configuration; the Host header is the
/// sender's word and proves nothing.
/// </remarks>
internal sealed class CoinPaymentsScheme(WebhookDoorOptions options) : IWebhookScheme
{
    private const string Mark = "\uFEFF";

    private readonly byte[][] _secrets = [.. options.CoinPayments.WebhookSecrets.Select(Encoding.UTF8.GetBytes)];

    /// <inheritdoc />
    public string Name => "coinpayments";

    /// <inheritdoc />
    public (string Operation, string Summary, string Signature) Described => ("takeCoinPaymentsEvent", "An event of CoinPayments", "`X-CoinPayments-Signature` of its current API");

    /// <inheritdoc />
    public bool IsOpen => _secrets.Length > 0;

    /// <inheritdoc />
    public SignatureCheck Verify(IHeaderDictionary headers, ReadOnlySpan<byte> body, TimeProvider time)
    {
        var (client, signedAt, signature) = (headers["X-CoinPayments-Client"].ToString(), headers["X-CoinPayments-Timestamp"].ToString(), headers["X-CoinPayments-Signature"].ToString());
        if (client.Length == 0 || signature.Length == 0 || !DateTimeOffset.TryParse(signedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)) return SignatureCheck.Malformed;
        if ((time.GetUtcNow() - at).Duration() > Signatures.Tolerance) return SignatureCheck.Stale;
        return Signatures.Check(_secrets, $"{Mark}POST{options.CoinPaymentsUrl}{client}{signedAt}", body, [Signatures.FromBase64(signature)]);
    }

    /// <inheritdoc />
    public WebhookReading Read(IHeaderDictionary headers, ReadOnlySpan<byte> body, TimeProvider time)
    {
        if (WebhookBody.Parse(body) is not { } json || Find(json, "id") is not { } id || AsText(id) is not { Length: > 0 } eventId
            || Find(json, "type") is not { } kind || AsText(kind) is not { } type || Find(json, "invoice") is not { ValueKind: JsonValueKind.Object } invoice)
        {
            return WebhookReading.Refused(Problem.Malformed("The body is no event of CoinPayments."));
        }

        if (CoinPaymentsEvents.Read(type, invoice, options.CoinPayments.Currencies) is not { } told) return WebhookReading.Nothing;
        told = WebhookBody.Owned(told with { Id = eventId, Type = type, At = json.Instant("timestamp"), Mode = options.ModeOf(options.CoinPayments.Test) }, Find(invoice, "customData") ?? Find(invoice, "customOptions"));
        return told.Fact == GatewayFact.Succeeded || told.Payment is not null || told.Doubt is not null ? WebhookReading.Of(told) : WebhookReading.Nothing;
    }

    /// <summary>A field whatever its case: the documentation writes them one way and the service another.</summary>
    internal static JsonElement? Find(JsonElement json, string name)
    {
        if (json.ValueKind != JsonValueKind.Object) return null;
        foreach (var property in json.EnumerateObject())
        {
            if (string.Equals(property.Name.Replace("_", "", StringComparison.Ordinal), name, StringComparison.OrdinalIgnoreCase) && property.Value.ValueKind != JsonValueKind.Null) return property.Value;
        }

        return null;
    }

    internal static string? AsText(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => JsonTexts.String(json),
        JsonValueKind.Number => json.GetRawText(),
        _ => null,
    };
}

/// <summary>
/// What CoinPayments' events say. An invoice is paid as coins come: what has been confirmed so far is told as a total, so
/// coins that are short, late or come in parts are applied as they come.
/// </summary>
internal static class CoinPaymentsEvents
{
    /// <summary>An event in our words; <see langword="null"/> where it changes nothing.</summary>
    public static GatewayEvent? Read(string type, JsonElement invoice, IReadOnlyDictionary<string, string> currencies)
    {
        if (CoinPaymentsScheme.Find(invoice, "id") is not { } json || CoinPaymentsScheme.AsText(json) is not { } id || !WebhookBody.IsReference(id)) return null;
        var total = Total(invoice, currencies);
        var told = new GatewayEvent { Gateway = "coinpayments", Id = "", Type = "", Fact = GatewayFact.Succeeded, Object = id, IsTotal = true };
        return type.ToUpperInvariant() switch
        {
            "INVOICEPAID" or "INVOICECOMPLETED" => total is { } paid ? told with { Amount = paid } : told with { Doubt = "Its amount or currency is none that we know." },
            "INVOICEPENDING" => told with { Fact = GatewayFact.Processing, IsTotal = false },
            "INVOICETIMEDOUT" or "INVOICECANCELLED" => Share(invoice) switch
            {
                0 => told with { Fact = GatewayFact.Cancelled, IsTotal = false },
                { } share when total is { } asked => told with { Amount = asked with { MinorUnits = (long)decimal.Floor(asked.MinorUnits * decimal.Min(share, 1)) } },
                _ => told with { Doubt = "Coins came for an invoice that is over, and how much they are worth is not to be read." },
            },
            _ => null,
        };
    }

    /// <summary>What the invoice asks for, in its own currency's lowest unit.</summary>
    private static Money? Total(JsonElement invoice, IReadOnlyDictionary<string, string> currencies)
    {
        if (CoinPaymentsScheme.Find(invoice, "amount") is not { } amount) return null;
        var units = CoinPaymentsScheme.Find(amount, "total") ?? CoinPaymentsScheme.Find(amount, "value");
        if (units is { ValueKind: JsonValueKind.Object } nested) units = CoinPaymentsScheme.Find(nested, "value");
        var code = CoinPaymentsScheme.Find(amount, "currencyId") is { } number && CoinPaymentsScheme.AsText(number) is { } key && currencies.TryGetValue(key, out var known) ? known : null;
        code ??= CoinPaymentsScheme.Find(invoice, "currency") is { } currencyOf && CoinPaymentsScheme.Find(currencyOf, "symbol") is { } symbol ? CoinPaymentsScheme.AsText(symbol) : null;
        return units is { } value && long.TryParse(CoinPaymentsScheme.AsText(value), NumberStyles.None, CultureInfo.InvariantCulture, out var total) && total <= Money.Largest && Currency.TryParse(code, out var currency)
            ? new Money(total, currency)
            : null;
    }

    /// <summary>The part of the invoice that confirmed coins have paid; <see langword="null"/> where there are some and how many is not to be read.</summary>
    private static decimal? Share(JsonElement invoice)
    {
        if (CoinPaymentsScheme.Find(invoice, "payments") is not { ValueKind: JsonValueKind.Array } payments) return 0;
        var share = 0m;
        foreach (var payment in payments.EnumerateArray())
        {
            if (CoinPaymentsScheme.Find(payment, "hotWallet") is not { } wallet || Number(wallet, "confirmedAmount") is not { } confirmed || confirmed == 0) continue;
            if (Number(wallet, "paymentSubTotal") is not { } asked || asked <= 0) return null;
            share += confirmed / asked;
        }

        return share;
    }

    private static decimal? Number(JsonElement json, string name) =>
        CoinPaymentsScheme.Find(json, name) is { } value && decimal.TryParse(CoinPaymentsScheme.AsText(value), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
