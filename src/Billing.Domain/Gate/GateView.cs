using NodaTime;

namespace Billing.Domain;

/// <summary>
/// An account as the gate sees it, again and again: what follows from facts and policy alone is found once, and asked of
/// time only from the instant on at which time changes it.
/// </summary>
/// <remarks>
/// Implementation note: the next event of the timeline does not depend on now, so until then the facts on record are the
/// facts. Nothing else is kept: an account that owes something is decided anew each time.
/// </remarks>
public sealed class GateView
{
    private readonly Instant _until;
    private readonly Reached _onRecord;

    /// <summary>Looks at an account that exists.</summary>
    public GateView(AccountState account, PolicyBook policies)
    {
        (Account, Policies) = (account, policies);
        Nothing = Money.Zero(account.Currency);
        _until = Timeline.Next(account, policies, withRenewals: false)?.At ?? Instant.MaxValue;
        _onRecord = Look(account);
    }

    /// <summary>The facts.</summary>
    public AccountState Account { get; }

    /// <summary>The policies.</summary>
    public PolicyBook Policies { get; }

    /// <summary>No money, in the account's currency.</summary>
    internal Money Nothing { get; }

    /// <summary>Whether it is the view of these very facts and policies.</summary>
    public bool IsOf(AccountState account, PolicyBook policies) => ReferenceEquals(account, Account) && ReferenceEquals(policies, Policies);

    /// <summary>The account with everything up to an instant on record, and the rule that it then stands under.</summary>
    internal Reached At(Instant now) => now < _until ? _onRecord : Look(StandingRecorder.At(Account, Policies, now));

    private Reached Look(AccountState reached)
    {
        var version = Standings.PolicyOf(reached, Policies);
        var policy = Policies[version];
        var severity = policy.SeverityOf(reached.StandingName);
        return new Reached(reached, version, policy, severity < 0 ? null : policy.Standings[severity]);
    }

    /// <summary>An account at an instant.</summary>
    /// <param name="Account">With everything up to then on record.</param>
    /// <param name="Version">The policy version that its standing follows.</param>
    /// <param name="Policy">That version.</param>
    /// <param name="Rule">The rule of its standing; <see langword="null"/> for <c>good</c>.</param>
    internal readonly record struct Reached(AccountState Account, PolicyRef Version, Policy Policy, StandingRule? Rule);
}
