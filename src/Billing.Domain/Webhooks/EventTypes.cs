using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Billing.Domain;

/// <summary>The types of events that are ever recorded. <c>docs/events.md</c> says what each one tells; a test keeps the two and the code together.</summary>
public static class EventTypes
{
    private const string Rest = ".*";

    /// <summary>Every type, by what it is about.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        "account.updated",
        "standing.changed", "standing.cleared",
        "invoice.issued", "invoice.unpaid", "invoice.paid", "invoice.voided", "invoice.cancelled", "invoice.written_off", "invoice.adjusted", "invoice.due_again",
        "rung.ended",
        "payment.created", "payment.awaiting_customer", "payment.processing", "payment.unknown", "payment.failed", "payment.expired", "payment.cancelled",
        "payment.succeeded", "payment.refunded", "payment.reversed", "payment.disputed", "payment.dispute_won",
        "credit.granted", "credit.applied", "credit.expired",
        "subscription.activated", "subscription.past_due", "subscription.renewed", "subscription.cancelled",
        "resource.ordered", "resource.revoked", "resource.acknowledged", "resource.lost",
        "notice.sent", "notice.delivered", "notice.bounced",
        "hold.set", "hold.lifted", "control.changed",
        "attention.raised", "attention.resolved",
        "pay_link.made", "pay_link.revoked", "pay_link.ended",
        "key.created", "key.revoked",
        "webhook_endpoint.set", "webhook_endpoint.rotated", "webhook_endpoint.replayed", "webhook_endpoint.deleted",
        "clock.set", "clock.advanced",
        "policy.changed",
    ];

    private static readonly FrozenSet<string> Known = All.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a name or pattern of <see cref="WebhookFilter"/> wants anything at all.</summary>
    public static bool WantsAny(string pattern) => pattern.EndsWith('*') ? All.Any(type => WebhookFilter.Matches([pattern], type)) : Known.Contains(pattern);

    /// <summary>What there is in place of a name or pattern that wants nothing: the types of the same thing, else every pattern.</summary>
    public static string Instead(string pattern)
    {
        var group = All.Where(type => string.Equals(GroupOf(type), GroupOf(pattern), StringComparison.Ordinal)).ToArray();
        return string.Join(", ", group.Length > 0 ? group.Prepend(GroupOf(pattern) + Rest) : All.Select(type => GroupOf(type) + Rest).Distinct(StringComparer.Ordinal).Prepend("*"));
    }

    private static string GroupOf(string type) => type.Split('.', 2)[0];
}
