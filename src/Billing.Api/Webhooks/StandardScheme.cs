using System.Text.Json;
using Billing.Sandbox;

namespace Billing.Api.Webhooks;

/// <summary>
/// Standard Webhooks 1.0.0, so that anything can report a payment: <c>{"type": "payment.received", "timestamp": …, "data":
/// {"account", "invoice"?, "amount", "currency", "reference"}}</c>, and <c>payment.failed</c>, <c>payment.refunded</c>,
/// <c>payment.disputed</c> of the same form. Whoever's secret made the signature is the source.
/// </summary>
internal sealed class StandardScheme(WebhookDoorOptions options) : IWebhookScheme
{
    /// <inheritdoc />
    public string Name => "standard";

    /// <inheritdoc />
    public (string Operation, string Summary, string Signature) Described => ("takeStandardEvent", "A payment that another system reports", "Standard Webhooks");

    /// <inheritdoc />
    public bool IsOpen => options.Standard.Sources.Count > 0;

    /// <inheritdoc />
    public SignatureCheck Verify(IHeaderDictionary headers, ReadOnlySpan<byte> body, TimeProvider time)
    {
        var (check, valid) = (SignatureCheck.Wrong, false);
        // Every source is asked, so that the time it takes tells nothing about which one it was.
        foreach (var source in options.Standard.Sources.Values)
        {
            check = Verify(headers, body, source.Secrets, time);
            valid |= check == SignatureCheck.Valid;
        }

        return valid ? SignatureCheck.Valid : check;
    }

    /// <inheritdoc />
    public WebhookReading Read(IHeaderDictionary headers, ReadOnlySpan<byte> body, TimeProvider time)
    {
        foreach (var (name, source) in options.Standard.Sources)
        {
            if (Verify(headers, body, source.Secrets, time) == SignatureCheck.Valid) return Read(name, source, headers[SandboxSignature.IdHeader].ToString(), body);
        }

        return WebhookReading.Refused(Problem.Of(ProblemCatalog.Unauthenticated, "The signature is wrong or too old."));
    }

    private WebhookReading Read(string source, StandardSource settings, string id, ReadOnlySpan<byte> body)
    {
        if (WebhookBody.Parse(body) is not { } json || json.Text("type") is not { } type) return WebhookReading.Refused(Problem.Malformed("The body is no event: it needs a type and data."));
        if (FactOf(type, json.Text("data", "outcome")) is not { } fact) return WebhookReading.Nothing;

        var errors = new Errors();
        var data = new Fields(json.At("data") ?? default, "data", errors);
        var (account, invoice, reference) = (data.Id("account", required: true), data.Text("invoice", Ids.MaxDerivedLength), data.Text("reference", ApiBounds.ReferenceLength, required: true));
        var amount = data.Amount("amount", required: true, least: 1);
        var code = data.Text("currency", 3, required: true);
        if (code is not null && !Currency.TryParse(code, out _)) data.Refuse("currency", "Must be a currency of ISO 4217, in upper case.");
        if (invoice is not null && !PathIds.CanExist(invoice)) data.Refuse("invoice", "Can be the id of no invoice.");
        if (reference is not null && !WebhookBody.IsReference(reference)) data.Refuse("reference", $"Must be 1 to {ApiBounds.ReferenceLength} visible ASCII characters without ~.");
        else if (reference is not null && account is not null && Ids.Received(account, reference).Length > Ids.MaxDerivedLength) data.Refuse("reference", "Is too long: what is no letter, digit or one of . _ : - counts three times.");
        if (json.At("timestamp") is not null && json.Instant("timestamp") is null) errors.Add("timestamp", "Must be RFC 3339.");
        if (errors.Any) return WebhookReading.Refused(Problem.Fields(errors.All));

        var money = new Money(amount!.Value, Currency.Parse(code!));
        return WebhookReading.Of(new GatewayEvent
        {
            Gateway = $"standard.{source}",
            Id = id,
            Type = type,
            Fact = fact,
            Object = reference!,
            Account = account,
            Invoice = invoice,
            Amount = money,
            IsTotal = fact == GatewayFact.Refunded,
            Part = fact is GatewayFact.DisputeOpened or GatewayFact.DisputeWon or GatewayFact.DisputeLost ? data.Text("dispute", ApiBounds.ReferenceLength) ?? "dispute" : null,
            At = json.Instant("timestamp"),
            Mode = options.ModeOf(settings.Test),
            Doubt = fact == GatewayFact.Succeeded && money.MinorUnits > settings.MaxAmount ? $"It is more than source '{source}' may report ({settings.MaxAmount} minor units)." : null,
        });
    }

    /// <summary>A decline of a payment that we know nothing of changes nothing; one that we know is looked for by its reference.</summary>
    private static GatewayFact? FactOf(string type, string? outcome) => type switch
    {
        "payment.received" => GatewayFact.Succeeded,
        "payment.refunded" => GatewayFact.Refunded,
        "payment.disputed" => outcome switch { "lost" => GatewayFact.DisputeLost, "won" => GatewayFact.DisputeWon, _ => GatewayFact.DisputeOpened },
        _ => null,
    };

    /// <summary>The check of Standard Webhooks' three headers.</summary>
    public static SignatureCheck Verify(IHeaderDictionary headers, ReadOnlySpan<byte> body, IEnumerable<string> secrets, TimeProvider time) =>
        SandboxSignature.Verify(
            headers[SandboxSignature.IdHeader], headers[SandboxSignature.TimestampHeader], headers[SandboxSignature.SignatureHeader], body, secrets, time) switch
        {
            SandboxSignatureCheck.Valid => SignatureCheck.Valid,
            SandboxSignatureCheck.Malformed => SignatureCheck.Malformed,
            SandboxSignatureCheck.Stale => SignatureCheck.Stale,
            _ => SignatureCheck.Wrong,
        };
}
