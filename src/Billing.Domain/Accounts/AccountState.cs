using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Everything that the authority for an account's money knows. Replaced whole by each decision; <c>{}</c> reads as an
/// account that does not exist.
/// </summary>
public sealed record AccountState
{
    /// <summary>Who the account is; <see langword="null"/> while it does not exist.</summary>
    public AccountProfile? Profile { get; init; }

    /// <summary>Counts recorded facts: every stored decision is one more.</summary>
    public long Version { get; init; }

    /// <summary>The payment methods on file, in the order in which they were added.</summary>
    public ImmutableArray<PaymentMethod> Methods { get => field.OrEmpty(); init; }

    /// <summary>The default method's id.</summary>
    public string? DefaultMethod { get; init; }

    /// <summary>The open invoices: issued, with something due.</summary>
    public ImmutableArray<OpenInvoice> Invoices { get => field.OrEmpty(); init; }

    /// <summary>The payments that were started and whose end is not known yet.</summary>
    public ImmutableArray<PendingPayment> Payments { get => field.OrEmpty(); init; }

    /// <summary>Money held for the account, oldest first.</summary>
    public ImmutableArray<PrepaymentLot> Prepayment { get => field.OrEmpty(); init; }

    /// <summary>Sums over the account's whole life, for the invariants.</summary>
    public MoneyTotals? Totals { get; init; }

    /// <summary>The dunning episode, while any invoice is unpaid.</summary>
    public Episode? Episode { get; init; }

    /// <summary>The present standing with its anchors.</summary>
    public StandingRecord? Standing { get; init; }

    /// <summary>The newest balance invoice, while something that it names is due.</summary>
    public BalanceInvoice? Balance { get; init; }

    /// <summary>How many invoices have a number.</summary>
    public int InvoicesNumbered { get; init; }

    /// <summary>How many balance invoices have a number.</summary>
    public int BalancesNumbered { get; init; }

    /// <summary>How many notices were promised, which numbers them.</summary>
    public long NoticesPromised { get; init; }

    /// <summary>The keyed calls of the last 24 hours.</summary>
    public ImmutableArray<IdempotencyRecord> Idempotency { get => field.OrEmpty(); init; }

    /// <summary>The account's currency.</summary>
    /// <exception cref="InvalidOperationException">The account does not exist.</exception>
    public Currency Currency => Existing.Currency!.Value;

    /// <summary>Who the account is.</summary>
    /// <exception cref="InvalidOperationException">The account does not exist.</exception>
    public AccountProfile Existing => Profile ?? throw new InvalidOperationException("The account does not exist.");

    /// <summary>The present standing's name.</summary>
    public string StandingName => Standing?.Name ?? StandingRecord.Good;
}

/// <summary>Who an account is. As a patch, only named fields count.</summary>
public sealed record AccountProfile
{
    /// <summary>The caller's id.</summary>
    public string Id { get; init; } = "";

    /// <summary>The customer's name.</summary>
    public string? Name { get; init; }

    /// <summary>Mail addresses; the first is the owner.</summary>
    public ImmutableArray<string> Emails { get => field.OrEmpty(); init; }

    /// <summary>Fixed once anything is owed or credited.</summary>
    public Currency? Currency { get; init; }

    /// <summary>The policy that the account follows.</summary>
    public string? Policy { get; init; }

    /// <summary>An IANA time zone; UTC where none is given.</summary>
    public string? TimeZone { get; init; }

    /// <summary>A BCP 47 locale.</summary>
    public string? Locale { get; init; }

    /// <summary>The test clock that the account lives on, for life.</summary>
    public string? TestClock { get; init; }

    /// <summary>Whether it is a test account, for life.</summary>
    public bool Test { get; init; }

    /// <summary>Labels that policies may ask for.</summary>
    public ImmutableArray<string> Tags { get => field.OrEmpty(); init; }

    /// <summary>The tax on invoices, a fraction: <c>"0.19"</c>.</summary>
    public decimal? TaxRate { get; init; }

    /// <summary>The caller's own keys and values.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get => field ?? ImmutableSortedDictionary<string, string>.Empty; init; }
}

/// <summary>What the account knows of an open invoice: all that standing needs, and who has it reserved.</summary>
public sealed record OpenInvoice : IIdentified
{
    /// <inheritdoc />
    public required string Id { get; init; }

    /// <summary>Its number in the account's series.</summary>
    public required string Number { get; init; }

    /// <summary>Its place in the series.</summary>
    public required int Sequence { get; init; }

    /// <summary>Who starts its payment.</summary>
    public required Collection Collection { get; init; }

    /// <summary>The policy version whose collection rules it keeps.</summary>
    public required PolicyRef Rules { get; init; }

    /// <summary>When it was issued.</summary>
    public required Instant IssuedAt { get; init; }

    /// <summary>When it is due.</summary>
    public required Instant DueAt { get; init; }

    /// <summary>What it asks for, tax included.</summary>
    public required Money Total { get; init; }

    /// <summary>What is due on it: more than nothing.</summary>
    public required Money Due { get; init; }

    /// <summary>What was applied to it so far.</summary>
    public ImmutableArray<Application> Applied { get => field.OrEmpty(); init; }

    /// <summary>The one payment that may move money for it.</summary>
    public string? ReservedBy { get; init; }

    /// <summary>The rung that waits until it is free.</summary>
    public int? WaitingRung { get; init; }

    /// <summary>Since when it is unpaid, once that is on record.</summary>
    public Instant? UnpaidSince { get; init; }

    /// <summary>When rung 0 ended without paying.</summary>
    public Instant? Rung0EndedAt { get; init; }

    /// <summary>When the last rung ended without paying.</summary>
    public Instant? ExhaustedAt { get; init; }

    /// <summary>When its newest attempt was declined hard; none where the newest was not.</summary>
    public Instant? HardDeclinedAt { get; init; }

    /// <summary>Until when live payments hold its consequences off: counted from the first submission in the episode.</summary>
    public Instant? HoldUntil { get; init; }
}

/// <summary>A payment from its reservation until its end is known. To the account it is live all that time.</summary>
public sealed record PendingPayment : IIdentified
{
    /// <inheritdoc />
    public required string Id { get; init; }

    /// <summary>The invoices that it has reserved, or will reserve again when it goes on.</summary>
    public required ImmutableArray<string> Invoices { get; init; }

    /// <summary>The methods that it may use.</summary>
    public required ImmutableArray<MethodCandidate> Candidates { get; init; }

    /// <summary>How it stands, as far as it was reported.</summary>
    public PaymentStatus Status { get; init; }

    /// <summary>The rung that it is; <see langword="null"/> by hand.</summary>
    public int? Rung { get; init; }
}

/// <summary>What is left of money held for the account.</summary>
/// <param name="Payment">The payment that it came from.</param>
/// <param name="Amount">What is left: more than nothing.</param>
/// <param name="At">Since when.</param>
public sealed record PrepaymentLot(string Payment, Money Amount, Instant At);

/// <summary>Sums over an account's life.</summary>
/// <param name="Captured">What gateways captured.</param>
/// <param name="Applied">What went to invoices, less what came back from void ones.</param>
public sealed record MoneyTotals(Money Captured, Money Applied);

/// <summary>From the moment an invoice is unpaid until none is.</summary>
/// <param name="Since">When it began.</param>
/// <param name="Policy">The version that holds for its length.</param>
public sealed record Episode(Instant Since, PolicyRef Policy);

/// <summary>The present standing. A recorded entry is a fact and is not rewritten by what arrives later.</summary>
public sealed record StandingRecord
{
    /// <summary>The standing of an account that owes nothing late.</summary>
    public const string Good = "good";

    /// <summary>The standing's name.</summary>
    public required string Name { get; init; }

    /// <summary>From when it holds.</summary>
    public required Instant Since { get; init; }

    /// <summary>Up to when the timeline was derived; what new facts give counts from here on.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>Mild to severe up to the present one: since when the account is continuously at it or a worse one.</summary>
    public ImmutableArray<StandingEntry> Entered { get => field.OrEmpty(); init; }
}

/// <summary>Since when an account is continuously at a standing or a worse one.</summary>
public sealed record StandingEntry(string Name, Instant EffectiveAt, Instant RecordedAt);

/// <summary>The newest document for the whole unpaid balance.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Invoices">The invoices that it names.</param>
/// <param name="Due">What is due on them, as it was last told.</param>
public sealed record BalanceInvoice(string Id, ImmutableArray<string> Invoices, Money Due);

/// <summary>A keyed call that took effect.</summary>
/// <param name="Hash">Of method, path and key.</param>
/// <param name="Content">Of the body.</param>
/// <param name="Id">What it made or changed.</param>
/// <param name="At">When.</param>
public sealed record IdempotencyRecord(string Hash, string Content, string? Id, Instant At);
