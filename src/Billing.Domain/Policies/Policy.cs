using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>One immutable version of a policy: how invoices are collected, and what being unpaid leads to.</summary>
/// <param name="Id">The policy's id.</param>
/// <param name="Version">Counts the changes of the policy, from 1.</param>
public sealed record PolicyRef(string Id, int Version);

/// <summary>The rules of one policy version, parsed and valid. A value of this type is never invalid: see <see cref="PolicyDocument"/>.</summary>
public sealed record Policy
{
    /// <summary>The policy's id.</summary>
    public required string Id { get; init; }

    /// <summary>What the policy is for, in words.</summary>
    public string? Description { get; init; }

    /// <summary>When subscriptions are billed; <see langword="null"/>: this policy has none.</summary>
    public BillingCycle? Cycle { get; init; }

    /// <summary>How invoices are collected.</summary>
    public required CollectionRules Collection { get; init; }

    /// <summary>What becomes of an invoice.</summary>
    public required InvoiceTerms Invoice { get; init; }

    /// <summary>The standings, mild to severe; <c>good</c> is milder than all and not among them.</summary>
    public ImmutableArray<StandingRule> Standings { get; init; } = [];

    /// <summary>What paying brings back.</summary>
    public RecoveryRules Recovery { get; init; } = new();

    /// <summary>Operations that need an active or past-due subscription.</summary>
    public ImmutableArray<string> RequiresSubscription { get; init; } = [];

    /// <summary>Whether an operator may refund at a customer's wish. What a gateway reports is a fact either way.</summary>
    public bool OffersRefunds { get; init; } = true;

    /// <summary>Whether an account may be given more time.</summary>
    public bool OffersExtensions { get; init; } = true;

    /// <summary>Longer messages that callers of some endpoints see, by context.</summary>
    public ImmutableDictionary<string, string> MessageContexts { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Operations beyond the house's own that this policy names.</summary>
    public IEnumerable<string> Operations => Standings.SelectMany(s => s.Deny.Concat(s.DenyIf.SelectMany(d => d.Deny))).Concat(RequiresSubscription).Distinct(StringComparer.Ordinal);

    /// <summary>The place of a standing among <see cref="Standings"/>, −1 for <c>good</c> and for one that this version does not have.</summary>
    public int SeverityOf(string standing)
    {
        for (var i = 0; i < Standings.Length; i++)
        {
            if (string.Equals(Standings[i].Name, standing, StringComparison.Ordinal)) return i;
        }

        return -1;
    }
}

/// <summary>When rung 0 is due.</summary>
public enum ChargeTime
{
    /// <summary>When the invoice is issued.</summary>
    AtIssue,

    /// <summary>At the invoice's due time.</summary>
    AtDue,
}

/// <summary>Which methods a rung may use.</summary>
public enum MethodChoice
{
    /// <summary>The default method alone.</summary>
    Default,

    /// <summary>The default, then the others in the order in which they were added.</summary>
    DefaultThenOthers,
}

/// <summary>How invoices are collected. An invoice keeps the rules of the version in force when it was issued.</summary>
public sealed record CollectionRules
{
    /// <summary>When rung 0 is due.</summary>
    public ChargeTime Charge { get; init; } = ChargeTime.AtIssue;

    /// <summary>Due time = issued + this.</summary>
    public Duration DueAfter { get; init; } = Duration.Zero;

    /// <summary>What rung 0 may use.</summary>
    public MethodChoice Methods { get; init; } = MethodChoice.Default;

    /// <summary>The later rungs' instants, from the end of rung 0, ascending.</summary>
    public ImmutableArray<Duration> RetryAfter { get; init; } = [];

    /// <summary>What the later rungs may use.</summary>
    public MethodChoice RetryMethods { get; init; } = MethodChoice.Default;

    /// <summary>How long a live payment holds consequences off, by kind of method; <c>default</c> for the others.</summary>
    public ImmutableDictionary<string, Duration> ProcessingHold { get; init; } =
        ImmutableDictionary<string, Duration>.Empty.Add("default", Duration.FromHours(24)).Add("bank", Duration.FromDays(6));

    /// <summary>Whether a method that is added in an episode is charged at once, without spending a rung.</summary>
    public bool ChargesNewMethod { get; init; }

    /// <summary>How long a crypto address waits for coins.</summary>
    public Duration CryptoWindow { get; init; } = Duration.FromMinutes(60);

    /// <summary>Below this many minor units, by currency, an invoice is neither charged nor unpaid: it goes with the next charge.</summary>
    public ImmutableDictionary<string, long> Minimum { get; init; } = ImmutableDictionary<string, long>.Empty.Add("USD", 50);

    /// <summary>Kinds of funding, such as <c>prepaid</c>, that are not taken as a method.</summary>
    public ImmutableArray<string> RefuseFunding { get; init; } = [];

    /// <summary>The notice of each automatic attempt that failed.</summary>
    public string? AttemptFailedNotice { get; init; }

    /// <summary>The notice that an account has recovered.</summary>
    public string? RecoveredNotice { get; init; }

    /// <summary>The notice that carries each invoice when it is issued.</summary>
    public string? IssuedNotice { get; init; }

    /// <summary>The notice of each payment that was received: its receipt.</summary>
    public string? PaidNotice { get; init; }

    /// <summary>The notice before an invoice is due.</summary>
    public NoticeBefore? BeforeDueNotice { get; init; }

    /// <summary>What is due on an invoice and is too little to be charged by itself.</summary>
    public bool IsBelowMinimum(Money due) => Minimum.TryGetValue(due.Currency.Code, out var least) && due.MinorUnits < least;

    /// <summary>How long a live payment with a method of this kind holds consequences off.</summary>
    public Duration HoldFor(MethodKind kind) =>
        ProcessingHold.TryGetValue(kind.ToString().ToLowerInvariant(), out var own) ? own : ProcessingHold["default"];
}

/// <summary>What a policy says about an invoice as a document.</summary>
public sealed record InvoiceTerms
{
    /// <summary>How long after its due time an unpaid invoice is cancelled; <see langword="null"/>: never.</summary>
    public Duration? CancelAfter { get; init; }

    /// <summary>Whether a cancelled invoice takes its subscriptions along.</summary>
    public bool CancelCancelsSubscription { get; init; }

    /// <summary>Whether an entry into a denying standing issues a balance invoice for all that is unpaid.</summary>
    public bool BalanceInvoice { get; init; }

    /// <summary>What stands above the numbers of the originals on a balance invoice.</summary>
    public string SettlesLabel { get; init; } = "Invoice that pays the following outstanding balance:";
}

/// <summary>A standing: when it holds, what it denies, and what entering it does.</summary>
public sealed record StandingRule
{
    /// <summary>Its name; never <c>good</c>.</summary>
    public required string Name { get; init; }

    /// <summary>When it holds.</summary>
    public required Condition When { get; init; }

    /// <summary>Every operation that it denies; lists are not inherited from milder standings.</summary>
    public ImmutableArray<string> Deny { get; init; } = [];

    /// <summary>Operations denied only to accounts with a tag.</summary>
    public ImmutableArray<TaggedDeny> DenyIf { get; init; } = [];

    /// <summary>The problem code of a denial; the standing's name where the policy gives none.</summary>
    public required string Code { get; init; }

    /// <summary>The message of a denial.</summary>
    public required string Message { get; init; }

    /// <summary>What the customer sees while it holds, with <c>{due_date}</c> and <c>{amount_due}</c>.</summary>
    public string? Banner { get; init; }

    /// <summary>Whether a login is led to the payment page.</summary>
    public bool LoginRedirect { get; init; }

    /// <summary>The notices that each entry sends.</summary>
    public ImmutableArray<string> NoticesOnEnter { get; init; } = [];

    /// <summary>Whether each entry powers the account's resources down.</summary>
    public bool PowersDown { get; init; }

    /// <summary>Whether each entry deletes the account's resources, for good.</summary>
    public bool Deletes { get; init; }

    /// <summary>The notices that must have been delivered before an entry.</summary>
    public ImmutableArray<RequiredNotice> RequiresNotice { get; init; } = [];

    /// <summary>Whether it denies anything to anyone.</summary>
    public bool IsDenying => !Deny.IsEmpty || !DenyIf.IsEmpty;

    /// <summary>Whether it denies an operation to an account with these tags.</summary>
    public bool Denies(string operation, ImmutableArray<string> tags) =>
        Deny.Contains(operation, StringComparer.Ordinal)
        || DenyIf.Any(d => tags.Contains(d.Tagged, StringComparer.Ordinal) && d.Deny.Contains(operation, StringComparer.Ordinal));
}

/// <summary>Operations that a standing denies to accounts with a tag.</summary>
public sealed record TaggedDeny(string Tagged, ImmutableArray<string> Deny);

/// <summary>A notice that is sent some time before something happens.</summary>
/// <param name="Notice">Which one.</param>
/// <param name="Before">How long before.</param>
public sealed record NoticeBefore(string Notice, Duration Before);

/// <summary>A notice without which a standing is not entered.</summary>
/// <param name="Notice">Which one.</param>
/// <param name="Before">How long before the step it is sent.</param>
/// <param name="AtLeast">How long before the step it must have been delivered; a late delivery moves the step.</param>
public sealed record RequiredNotice(string Notice, Duration Before, Duration AtLeast);

/// <summary>What becomes of resources that were powered down, once the account may have them again.</summary>
public enum ResourceRecovery
{
    /// <summary>Somebody turns each on by hand.</summary>
    Manual,

    /// <summary>They are turned on in the reverse order of their dependencies.</summary>
    Automatic,
}

/// <summary>What becomes of a subscription's period when an overdue renewal is paid.</summary>
public enum PeriodRecovery
{
    /// <summary>The old rhythm goes on: the first date of it still ahead.</summary>
    Keep,

    /// <summary>A new period starts at the instant of capture.</summary>
    RestartAtPayment,
}

/// <summary>What paying brings back.</summary>
public sealed record RecoveryRules
{
    /// <summary>Resources.</summary>
    public ResourceRecovery Resources { get; init; }

    /// <summary>Subscriptions.</summary>
    public PeriodRecovery SubscriptionPeriod { get; init; }
}
