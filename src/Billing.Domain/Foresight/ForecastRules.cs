using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Tells an event of the future, with the rule from which it follows.</summary>
/// <param name="before">The account before the event's instant.</param>
/// <param name="after">The account after it.</param>
/// <param name="policies">The policy versions.</param>
internal sealed class ForecastRules(AccountState before, AccountState after, PolicyBook policies)
{
    private readonly PolicyRef _version = before.Episode is null ? Standings.PolicyOf(after, policies) : Standings.PolicyOf(before, policies);

    private Policy Policy => policies[_version];

    /// <summary>The entry; none of an event that only says once more what another said, nor of a rung that passes without an attempt.</summary>
    public ForecastEntry? Tell(Event e)
    {
        if (e.Type is "standing.cleared" or "attention.raised" or "attention.resolved" || Text(e, "result") is "missed" or "paid") return null;
        return new ForecastEntry(Instant.Max(e.EffectiveAt, before.Standing!.AsOf), e.Type)
        {
            Rule = RuleOf(e),
            Standing = Text(e, "standing"),
            Before = Text(e, "before"),
            Invoice = Text(e, "invoice"),
            Rung = (int?)Number(e, "rung"),
            Result = Text(e, "result"),
            Amount = (Number(e, "amount_due") ?? Number(e, "amount") ?? Number(e, "total")) is { } amount ? new Money(amount, after.Currency) : null,
            Subscription = Text(e, "subscription"),
            Resource = Text(e, "resource"),
            Action = Text(e, "action"),
            Notice = Text(e, "notice"),
            Credit = Text(e, "credit"),
        };
    }

    private RuleRef? RuleOf(Event e) => e.Type switch
    {
        "standing.changed" when Policy.SeverityOf(Text(e, "standing")!) is var severity and >= 0 && severity > Policy.SeverityOf(Text(e, "before")!) => Of(PolicyPaths.When(severity)),
        "resource.ordered" when Text(e, "standing") is { } standing && Policy.SeverityOf(standing) is var severity and >= 0 => Of(PolicyPaths.OnEnter(severity)),
        "resource.ordered" or "resource.revoked" => Of(PolicyPaths.ResourceRecovery),
        "notice.sent" => OfNotice(Text(e, "notice")!),
        "invoice.issued" when Text(e, "kind") == "balance" => Of(PolicyPaths.BalanceInvoice),
        "invoice.issued" or "subscription.renewed" or "subscription.activated" => Policy.Cycle is null ? null : Of(PolicyPaths.Cycle),
        "invoice.unpaid" or "subscription.past_due" => OfInvoice(e, PolicyPaths.Collection),
        "invoice.cancelled" => OfInvoice(e, PolicyPaths.CancelAfter),
        "subscription.cancelled" => Of(PolicyPaths.CancelCancelsSubscription),
        "rung.ended" => OfInvoice(e, Number(e, "rung") is > 0 and var rung ? PolicyPaths.Retry((int)rung) : PolicyPaths.Charge),
        _ => null,
    };

    /// <summary>The place in the document that promises the notice.</summary>
    private RuleRef? OfNotice(string notice)
    {
        for (var severity = Policy.Standings.Length - 1; severity >= 0; severity--)
        {
            var required = Policy.Standings[severity].RequiresNotice;
            for (var i = 0; i < required.Length; i++)
            {
                if (string.Equals(required[i].Notice, notice, StringComparison.Ordinal)) return Of(PolicyPaths.RequiresNotice(severity, i));
            }

            if (Policy.Standings[severity].NoticesOnEnter.Contains(notice, StringComparer.Ordinal)) return Of(PolicyPaths.OnEnter(severity));
        }

        return Of(PolicyPaths.CollectionNotices);
    }

    /// <summary>What an invoice keeps from the version under which it was issued.</summary>
    private RuleRef OfInvoice(Event e, string path) =>
        (before.Invoices.Find(Text(e, "invoice")) ?? after.Invoices.Find(Text(e, "invoice"))) is { } invoice ? new RuleRef(invoice.Rules, path) : Of(path);

    private RuleRef Of(string path) => new(_version, path);

    private static string? Text(Event e, string name) => (e.Data[name] as JsonValue)?.GetValueKind() == System.Text.Json.JsonValueKind.String ? e.Data[name]!.GetValue<string>() : null;

    private static long? Number(Event e, string name) => e.Data[name] is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.Number
        ? value.TryGetValue<long>(out var number) ? number : value.GetValue<int>()
        : null;
}
