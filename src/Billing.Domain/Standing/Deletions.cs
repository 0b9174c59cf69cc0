using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// What a step into a standing that deletes waits for: money that may be moving, an open dispute, a legal hold, the
/// notices that were promised, a pull of its gateways, the brake's permit. Other steps wait for their notices alone.
/// </summary>
internal static class Deletions
{
    /// <summary>Whether a step into a standing, whose condition holds from an instant on, waits at another. It takes effect when the last reason is gone.</summary>
    public static bool Waits(AccountState account, PolicyBook policies, StandingRule rule, Instant from, Instant at) =>
        rule.Deletes && (WaitsForFacts(account) || DeletionPulls.IsLacking(account, policies, rule, from, at) || DeletionPermits.IsLacking(account, rule, at)) || rule.RequiresNotice.Any(required => !IsDelivered(account, rule, required, at));

    /// <summary>The instants at which a delivered notice is old enough.</summary>
    public static IEnumerable<Instant?> Breakpoints(AccountState account, StandingRule rule) =>
        rule.RequiresNotice.Select(required => Find(account, rule, required)?.DeliveredAt + required.AtLeast);

    /// <summary>The next notice that is to be sent because a step comes, and when.</summary>
    public static (StandingRule Rule, RequiredNotice Notice, Instant At)? NextNotice(AccountState account, PolicyBook policies)
    {
        if (account.Standing is not { } record || account.Controls.EnforcementOffSince is not null) return null;
        (StandingRule, RequiredNotice, Instant)? next = null;
        foreach (var rule in Standings.Ahead(account, policies))
        {
            if (rule.RequiresNotice.IsEmpty || Standings.HoldsFrom(account, rule, policies) is not { } holds) continue;
            foreach (var required in rule.RequiresNotice.Where(required => Find(account, rule, required) is null))
            {
                var floor = account.Extension is { } extension ? Instant.Max(record.AsOf, extension.Until) : record.AsOf;
                if (Brakes.MayGetWorse(account, policies, Instant.Max(holds - required.Before, floor)) is not { } at) continue;
                if (next is null || at < next.Value.Item3) next = (rule, required, at);
            }
        }

        return next;
    }

    /// <summary>Whether a fact keeps every deletion waiting: money that may be moving, a dispute, a legal hold.</summary>
    public static bool WaitsForFacts(AccountState account) =>
        account.Payments.Any(payment => payment.IsLive) || !account.Disputes.IsEmpty || account.Holds.Any(hold => hold.Category == HoldCategory.Legal);

    /// <summary>Whether what a standing that deletes has begun goes on: not while a fact keeps deletions waiting, nor while nothing may get worse.</summary>
    public static bool MayGoOn(AccountState account, PolicyBook policies, Instant at) =>
        !WaitsForFacts(account) && !(at < account.Extension?.Until) && !Brakes.AreEscalationsPaused(account, policies, at);

    private static bool IsDelivered(AccountState account, StandingRule rule, RequiredNotice required, Instant at) =>
        Find(account, rule, required) is { DeliveredAt: { } delivered } && delivered + required.AtLeast <= at;

    private static PromisedNotice? Find(AccountState account, StandingRule rule, RequiredNotice required) =>
        account.Notices.FirstOrDefault(notice => string.Equals(notice.Standing, rule.Name, StringComparison.Ordinal) && string.Equals(notice.Notice, required.Notice, StringComparison.Ordinal));
}
