using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>The pull that a step into a standing that deletes waits for.</summary>
/// <param name="Standing">The standing.</param>
/// <param name="Since">The step's instant: when nothing else kept it back. A pull that began no later does not count.</param>
public sealed record AwaitedPull(string Standing, Instant Since);

/// <summary>
/// A webhook may be lost. So before an account enters a standing that deletes, the books of each gateway that it has, or had,
/// a method or a payment with are pulled once more, and the step waits for a pull that began after its instant. An account on a
/// test clock waits for none: its clock does not move before the gateway has told everything.
/// </summary>
internal static class DeletionPulls
{
    /// <summary>Whether a step into a standing waits for a pull at an instant.</summary>
    /// <param name="from">From when the standing's condition holds.</param>
    public static bool IsLacking(AccountState account, PolicyBook policies, StandingRule rule, Instant from, Instant at)
    {
        if (!rule.Deletes || !IsConcerned(account, policies)) return false;
        return account.PullAwaited is not { } awaited || GatewaysOf(account, policies).Any(gateway => !policies.Pulls.IsDone(gateway, Instant.Max(from, awaited.Since), at));
    }

    /// <summary>The instants at which a pull that an account may wait for has ended.</summary>
    public static IEnumerable<Instant?> Breakpoints(AccountState account, PolicyBook policies) =>
        account.PullAwaited is not null ? GatewaysOf(account, policies).SelectMany(policies.Pulls.Ends).Select(end => (Instant?)end) : [];

    /// <summary>When an account begins to wait: at the instant at which it would be deleted if its gateways had told everything.</summary>
    public static TimelineEvent.AwaitsPull? Next(AccountState account, PolicyBook policies) =>
        account.PullAwaited is null && IsConcerned(account, policies) && Step(account, policies) is { } step ? new TimelineEvent.AwaitsPull(step.Name, step.At) : null;

    /// <summary>The account waits from here on.</summary>
    public static void Await(AccountDraft draft, TimelineEvent.AwaitsPull begun, Instant at) => draft.State = draft.State with { PullAwaited = new AwaitedPull(begun.Standing, at) };

    /// <summary>It was taken, or something else keeps the step back: the wait begins anew when nothing does.</summary>
    public static void Forget(AccountDraft draft) => draft.State = draft.State with { PullAwaited = null };

    /// <summary>Forgets a wait whose step does not come any more.</summary>
    public static void ForgetIfNoStepComes(AccountDraft draft)
    {
        if (draft.State.PullAwaited is not null && !(Step(draft.State, draft.Policies)?.At <= draft.Now)) Forget(draft);
    }

    /// <summary>Whether an account waits for a pull: a renewal of that instant comes after the step.</summary>
    public static bool IsAwaited(AccountState account, PolicyBook policies) => account.PullAwaited is not null && IsConcerned(account, policies);

    /// <summary>The first gateway whose pull an account waits for, and after which instant that has to begin to be news; <see langword="null"/>: it waits for none.</summary>
    public static (string Gateway, Instant Since, Instant NewsAfter)? Waits(AccountState account, PolicyBook policies)
    {
        if (account.PullAwaited is not { Since: var since }) return null;
        // What found nothing to do left no trace of when it looked; the pulls say until when there was something to see.
        var at = policies.Pulls.All.IsEmpty ? since : Instant.Max(account.Standing!.AsOf, policies.Pulls.All[^1].Ended);
        return GatewaysOf(account, policies).Where(gateway => !policies.Pulls.IsDone(gateway, since, at))
            .Select(gateway => ((string, Instant, Instant)?)(gateway, since, policies.Pulls.LastBegun(gateway) is { } last ? Instant.Max(last, since) : since)).FirstOrDefault();
    }

    /// <summary>The step that would delete the account next if its gateways had told everything and the brake were free.</summary>
    private static StandingStep? Step(AccountState account, PolicyBook policies)
    {
        if (Standings.Ahead(account, policies).All(rule => !rule.Deletes)) return null;
        if (Standings.Next(account with { DeletionPermit = DeletionPermit.Assumed }, policies.IfPulled) is not { } step) return null;
        return Standings.Ahead(account, policies).First(rule => string.Equals(rule.Name, step.Name, StringComparison.Ordinal)).Deletes ? step : null;
    }

    /// <summary>Takes note of the gateways that an account has to do with, before what names them goes.</summary>
    public static void NoteGateways(AccountDraft draft)
    {
        foreach (var gateway in draft.State.Methods.Select(method => method.Gateway).Concat(draft.State.Payments.SelectMany(payment => payment.Candidates).Select(candidate => candidate.Gateway)))
        {
            if (!draft.State.Gateways.Contains(gateway, StringComparer.Ordinal)) draft.State = draft.State with { Gateways = draft.State.Gateways.Add(gateway) };
        }
    }

    /// <summary>Takes note of a gateway that told of money which somebody sent by himself.</summary>
    public static void NoteReceived(AccountDraft draft, string? gateway)
    {
        if (gateway is not null && !draft.State.ReceivedFrom.Contains(gateway, StringComparer.Ordinal)) draft.State = draft.State with { ReceivedFrom = draft.State.ReceivedFrom.Add(gateway) };
    }

    private static bool IsConcerned(AccountState account, PolicyBook policies) =>
        account.Profile is { TestClock: null } && !ReferenceEquals(policies.Pulls, Pulls.Assumed) && GatewaysOf(account, policies).Any();

    /// <summary>The gateways that are to be pulled. One that only tells, by webhook alone, cannot be.</summary>
    private static IEnumerable<string> GatewaysOf(AccountState account, PolicyBook policies) => account.Gateways
        .Concat(account.Methods.Select(method => method.Gateway)).Concat(account.ReceivedFrom.Where(gateway => policies.Pulls.LastBegun(gateway) is not null))
        .Distinct(StringComparer.Ordinal);
}
