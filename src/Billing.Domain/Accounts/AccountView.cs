using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>An account as a caller sees it at one instant.</summary>
public sealed record AccountView
{
    /// <summary>Who it is.</summary>
    public required AccountProfile Profile { get; init; }

    /// <summary>The standing at that instant, and since when.</summary>
    public required StandingStep Standing { get; init; }

    /// <summary>The recorded facts counted.</summary>
    public required long StandingVersion { get; init; }

    /// <summary>What the customer sees.</summary>
    public string? Banner { get; init; }

    /// <summary>What is due on all open invoices.</summary>
    public required Money AmountDue { get; init; }

    /// <summary>What is unpaid.</summary>
    public required Money AmountUnpaid { get; init; }

    /// <summary>Prepayment on hand.</summary>
    public required Money Prepayment { get; init; }

    /// <summary>Promotional credit on hand.</summary>
    public required Money Promo { get; init; }

    /// <summary>The promotional lots, in the order in which they are spent.</summary>
    public ImmutableArray<PromoLot> PromoLots { get => field.OrEmpty(); init; }

    /// <summary>The prepayment lots, in the order in which they are spent.</summary>
    public ImmutableArray<PrepaymentLot> PrepaymentLots { get => field.OrEmpty(); init; }

    /// <summary>The subscriptions, in the order in which they were made.</summary>
    public ImmutableArray<SubscriptionView> Subscriptions { get => field.OrEmpty(); init; }

    /// <summary>The resources.</summary>
    public ImmutableArray<Resource> Resources { get => field.OrEmpty(); init; }

    /// <summary>The holds other than for nonpayment.</summary>
    public ImmutableArray<Hold> Holds { get => field.OrEmpty(); init; }

    /// <summary>What is switched off.</summary>
    public required AccountControls Controls { get; init; }

    /// <summary>More time, while it lasts.</summary>
    public Extension? Extension { get; init; }

    /// <summary>What needs a human.</summary>
    public ImmutableArray<AttentionEntry> Attention { get => field.OrEmpty(); init; }

    /// <summary>What happens next if nothing is paid.</summary>
    public StandingStep? Next { get; init; }

    /// <summary>The dunning episode.</summary>
    public Episode? Episode { get; init; }

    /// <summary>The policy version that the account follows.</summary>
    public required PolicyRef Policy { get; init; }

    /// <summary>The version that the account follows once the episode has ended, where that is another one.</summary>
    public PolicyRef? PolicyPending { get; init; }

    /// <summary>The methods on file, tokens included: for the API, which never shows them.</summary>
    public required ImmutableArray<PaymentMethod> Methods { get; init; }

    /// <summary>The pay links, oldest first.</summary>
    public ImmutableArray<PayLink> PayLinks { get => field.OrEmpty(); init; }

    /// <summary>The default method's id.</summary>
    public string? DefaultMethod { get; init; }

    /// <summary>The account at an instant; <see langword="null"/> where it does not exist.</summary>
    public static AccountView? Of(AccountState account, PolicyBook policies, Instant now)
    {
        if (account.Profile is null) return null;
        var reached = StandingRecorder.At(account, policies, now);
        var version = Standings.PolicyOf(reached, policies);
        var severity = policies[version].SeverityOf(reached.StandingName);
        return new AccountView
        {
            Profile = account.Profile,
            Standing = new StandingStep(reached.StandingName, reached.Standing!.Since),
            StandingVersion = account.Version,
            Banner = Gate.Banner(reached, severity < 0 ? null : policies[version].Standings[severity]),
            AmountDue = reached.Invoices.Where(invoice => !invoice.IsWrittenOff).Sum(account.Currency, invoice => invoice.Due),
            AmountUnpaid = Gate.Unpaid(reached).Sum(account.Currency, invoice => invoice.Due),
            Prepayment = reached.Prepayment.Sum(account.Currency, lot => lot.Amount),
            Promo = reached.Promo.Where(lot => lot.ExpiresAt is not { } end || end > now).Sum(account.Currency, lot => lot.Amount),
            PromoLots = [.. reached.Promo.Where(lot => lot.ExpiresAt is not { } end || end > now)],
            PrepaymentLots = reached.Prepayment,
            Subscriptions = [.. reached.Subscriptions.Select(subscription => SubscriptionView.Of(reached, subscription))],
            Resources = reached.Resources,
            Holds = reached.Holds,
            Controls = reached.Controls,
            Extension = reached.Extension,
            Attention = reached.Attention,
            Next = StandingRecorder.Forecast(reached, policies, now),
            Episode = reached.Episode,
            Policy = version,
            PolicyPending = policies.InForce(account.Profile.Policy!) is var assigned && assigned != version ? assigned : null,
            Methods = account.Methods,
            DefaultMethod = account.DefaultMethod,
            PayLinks = [.. account.PayLinks.Where(link => link.IsAlive(now))],
        };
    }
}
