using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>What a policy that is not in force would make of an account.</summary>
/// <param name="Account">The account.</param>
/// <param name="Standing">How it stands.</param>
/// <param name="WouldBe">How it would stand, at once.</param>
/// <param name="Next">The first of what would follow if nothing is paid.</param>
/// <param name="Refusal">Why the account cannot be given the policy; then nothing of it is told.</param>
public sealed record PolicyPreview(string Account, string Standing, string WouldBe, ImmutableArray<ForecastEntry> Next, string? Refusal = null)
{
    /// <summary>What a reader of a portfolio asks for: steps, and what they take away for good.</summary>
    private static readonly string[] Kinds = ["standing.changed", "invoice.cancelled", "subscription.cancelled", "resource.ordered", "extension.ended"];

    /// <summary>The first of what would follow if nothing is paid.</summary>
    public ImmutableArray<ForecastEntry> Next { get => field.OrEmpty(); init; } = Next;

    /// <summary>Whether the standing would change at once.</summary>
    public bool Changes => Refusal is null && !string.Equals(Standing, WouldBe, StringComparison.Ordinal);

    /// <summary>
    /// Looks at an account as if the policy were put in force now as the next version of its id, and the account with its
    /// episode moved to it: recomputed now, nothing earlier, destructive countdowns anew. Nothing is stored.
    /// </summary>
    /// <param name="account">The account; without a profile there is nothing to tell.</param>
    /// <param name="policies">The versions that exist.</param>
    /// <param name="policy">The policy to look at.</param>
    /// <param name="now">Now, on the account's clock.</param>
    /// <param name="steps">At most so many steps.</param>
    public static PolicyPreview? Of(AccountState account, PolicyBook policies, Policy policy, Instant now, int steps)
    {
        if (account.Profile is null) return null;
        var reached = StandingRecorder.At(account, policies, now);
        if (Profiles.LacksAmountFor(account.Currency, policy)) return new PolicyPreview(account.Existing.Id, reached.StandingName, reached.StandingName, [], $"The policy names no unpaid_balance in {account.Currency}.");

        var (book, version) = With(policies, policy);
        var moved = Move(reached, book, version, now);
        var next = new ForecastWalk(moved, book, now).Entries(now + Forecast.Horizon).Where(entry => Kinds.Contains(entry.Kind, StringComparer.Ordinal)).Take(steps);
        return new PolicyPreview(account.Existing.Id, reached.StandingName, moved.StandingName, [.. next]);
    }

    private static (PolicyBook Book, PolicyRef Version) With(PolicyBook policies, Policy policy)
    {
        var known = policies.Knows(policy.Id) ? policies.InForce(policy.Id).Version : 0;
        var versions = Enumerable.Range(1, known).Select(number => policies[new PolicyRef(policy.Id, number)]);
        return (policies.With(policy.Id, [.. versions, policy]), new PolicyRef(policy.Id, known + 1));
    }

    private static AccountState Move(AccountState reached, PolicyBook book, PolicyRef version, Instant now)
    {
        var before = reached.Standing!;
        var isKnown = book[version].SeverityOf(before.Name) >= 0;
        var given = reached with
        {
            Profile = reached.Existing with { Policy = version.Id },
            Episode = reached.Episode is { } episode ? episode with { Policy = version } : null,
            // A standing that the policy does not have is milder than all that it has.
            Standing = before with { Name = isKnown ? before.Name : StandingRecord.Good, AsOf = now },
        };
        var draft = new AccountDraft(given, now, book) { IsReading = true };
        StandingRecorder.CountAnew(draft, now);
        StandingRecorder.Settle(draft, now);
        return draft.State;
    }
}
