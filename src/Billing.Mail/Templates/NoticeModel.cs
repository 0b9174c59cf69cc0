using System.Globalization;

namespace Billing.Mail.Templates;

/// <summary>What a template may say: texts that are ready to be shown. Every name is always there, with nothing where there is nothing.</summary>
internal static class NoticeModel
{
    /// <summary>The variables of a notice.</summary>
    public static Dictionary<string, object?> Of(NoticeDelivery delivery, NoticeFacts facts, MailLocale locale, MailOptions options, string company, string? payLink = null)
    {
        var recipient = delivery.Recipient;
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(recipient.TimeZone ?? "UTC") ?? DateTimeZone.Utc;
        var show = new Shown(locale, zone);
        return new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["company"] = company,
            ["footer"] = string.IsNullOrWhiteSpace(options.Footer) ? null : options.Footer.ReplaceLineEndings("\n"),
            ["footer_lines"] = (options.Footer ?? "").ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries),
            ["language"] = locale.Name,
            ["account"] = recipient.Id,
            ["name"] = Messages.HeaderText.Clean(recipient.Name ?? recipient.Id),
            ["notice"] = delivery.Notice.Notice,
            ["title"] = delivery.Notice.Notice.Replace('_', ' '),
            ["standing"] = show.Standing(facts.Standing),
            ["message"] = facts.Message,
            ["date"] = locale.Date(facts.At, zone),
            ["owes"] = facts.Unpaid is { IsPositive: true },
            ["unpaid"] = show.Money(facts.Unpaid),
            ["invoices"] = facts.Invoices.Select(show.Invoice).ToArray(),
            ["several"] = facts.Invoices.Length + facts.InvoicesLeftOut > 1,
            ["more_invoices"] = facts.InvoicesLeftOut == 0 ? null : facts.InvoicesLeftOut.ToString(CultureInfo.InvariantCulture),
            ["next"] = show.Step(facts.Next),
            ["next_attempt"] = facts.NextAttemptAt is { } attempt ? locale.Date(attempt, zone) : null,
            ["cancel_at"] = facts.CancelAt is { } cancel ? locale.Moment(cancel, zone) : null,
            ["invoice"] = facts.Invoice is { } invoice ? show.Invoice(invoice) : null,
            ["method"] = show.Method(facts.Method),
            ["decline"] = facts.Code is null ? null : locale.Word("declines", facts.Code) ?? locale.Word("declines", "default"),
            ["document"] = show.Document(facts.Document, facts.At),
            ["payment"] = show.Payment(facts.Payment),
            ["pay_url"] = string.IsNullOrEmpty(options.PayUrl) ? payLink : options.PayUrl.Replace("{account}", Uri.EscapeDataString(recipient.Id), StringComparison.Ordinal),
            ["test"] = recipient.Test,
        };
    }

    /// <summary>Facts as one language in one zone shows them.</summary>
    private sealed class Shown(MailLocale locale, DateTimeZone zone)
    {
        public string? Money(Money? amount) => amount is { } money ? locale.Money(money) : null;

        public string Standing(string name) => locale.Word("standings", name) ?? name.Replace('_', ' ');

        public Dictionary<string, object?> Invoice(NoticeInvoice invoice) => new(StringComparer.Ordinal)
        {
            ["id"] = invoice.Id, ["number"] = invoice.Number, ["due_date"] = locale.Date(invoice.DueAt, zone), ["amount"] = locale.Money(invoice.Due),
        };

        public Dictionary<string, object?>? Step(NoticeStep? step) => step is null ? null : new(StringComparer.Ordinal)
        {
            ["standing"] = Standing(step.Standing), ["date"] = locale.Date(step.At, zone), ["at"] = locale.Moment(step.At, zone), ["deletes"] = step.Deletes, ["powers_down"] = step.PowersDown,
        };

        public string? Method(NoticeMethod? method)
        {
            if (method is null) return null;
            var kind = method.Kind.ToString().ToLowerInvariant();
            if (method.Last4 is null) return locale.Word("methods", kind) ?? kind;
            var brand = method.Brand is { Length: > 0 } known ? locale.Word("brands", known.ToLowerInvariant()) ?? known : locale.Word("methods", kind) ?? kind;
            return (locale.Word("methods", "ending") ?? "{brand} {last4}").Replace("{brand}", brand, StringComparison.Ordinal).Replace("{last4}", method.Last4, StringComparison.Ordinal);
        }

        public Dictionary<string, object?>? Document(NoticeDocument? document, Instant now) => document is null ? null : new(StringComparer.Ordinal)
        {
            ["issued"] = locale.Date(document.IssuedAt, zone),
            ["lines"] = document.Lines.Select(line => Line(line, document.Net)).ToArray(),
            ["has_parts"] = !document.Promo.IsZero || !document.Tax.IsZero,
            ["net"] = locale.Money(document.Net),
            ["promo"] = document.Promo.IsZero ? null : locale.Money(-document.Promo),
            ["tax"] = document.Tax.IsZero ? null : locale.Money(document.Tax),
            ["total"] = locale.Money(document.Total),
            ["is_free"] = document.Total.IsZero,
            ["is_charged"] = document.ChargedAt is not null,
            ["charged_later"] = document.ChargedAt is { } at && at > now ? locale.Date(at, zone) : null,
        };

        public Dictionary<string, object?>? Payment(NoticePayment? payment) => payment is null ? null : new(StringComparer.Ordinal)
        {
            ["id"] = payment.Id,
            ["amount"] = locale.Money(payment.Amount),
            ["date"] = locale.Date(payment.At, zone),
            ["parts"] = payment.Parts.Select(Invoice).ToArray(),
            ["credit"] = payment.Credit.IsPositive ? locale.Money(payment.Credit) : null,
        };

        private Dictionary<string, object?> Line(InvoiceLine line, Money like) => new(StringComparer.Ordinal)
        {
            ["description"] = Messages.HeaderText.Clean(line.Description),
            ["quantity"] = line.Quantity is null or 1 ? null : line.Quantity.Value.ToString(CultureInfo.InvariantCulture),
            ["amount"] = locale.Money(like with { MinorUnits = line.Amount }),
        };
    }
}
