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

    /// <summary>Promotional credit: what expires first, then the oldest.</summary>
    public ImmutableArray<PromoLot> Promo { get => field.OrEmpty(); init; }

    /// <summary>The subscriptions, in the order in which they were made; cancelled ones stay.</summary>
    public ImmutableArray<Subscription> Subscriptions { get => field.OrEmpty(); init; }

    /// <summary>Charges that wait for the next cycle's invoice.</summary>
    public ImmutableArray<PendingCharge> Charges { get => field.OrEmpty(); init; }

    /// <summary>What a suspension powers down and a deletion deletes.</summary>
    public ImmutableArray<Resource> Resources { get => field.OrEmpty(); init; }

    /// <summary>Reasons other than nonpayment for which operations are denied.</summary>
    public ImmutableArray<Hold> Holds { get => field.OrEmpty(); init; }

    /// <summary>What an operator has switched off for this account.</summary>
    public AccountControls Controls { get => field ?? AccountControls.None; init; }

    /// <summary>More time for the account, while it lasts.</summary>
    public Extension? Extension { get; init; }

    /// <summary>Its permit to enter a standing that deletes, asked for, granted or refused.</summary>
    public DeletionPermit? DeletionPermit { get; init; }

    /// <summary>The pull that a step into a standing that deletes waits for, while nothing else keeps it back.</summary>
    public AwaitedPull? PullAwaited { get; init; }

    /// <summary>Methods that were removed, the last ones: <see cref="AccountLimits.RemovedMethods"/>.</summary>
    public ImmutableArray<RemovedMethod> RemovedMethods { get => field.OrEmpty(); init; }

    /// <summary>The gateways with which it has, or had, a method or a payment.</summary>
    public ImmutableArray<string> Gateways { get => field.OrEmpty(); init; }

    /// <summary>The gateways that told of money which somebody sent by himself.</summary>
    public ImmutableArray<string> ReceivedFrom { get => field.OrEmpty(); init; }

    /// <summary>Which ends of the installation's pauses it has taken note of.</summary>
    public PausesSeen? PausesSeen { get; init; }

    /// <summary>The disputes that are open.</summary>
    public ImmutableArray<OpenDispute> Disputes { get => field.OrEmpty(); init; }

    /// <summary>The notices that a coming step waits for.</summary>
    public ImmutableArray<PromisedNotice> Notices { get => field.OrEmpty(); init; }

    /// <summary>What needs a human.</summary>
    public ImmutableArray<AttentionEntry> Attention { get => field.OrEmpty(); init; }

    /// <summary>The invoices that a new method is still to be charged for, in order: one after the other.</summary>
    public ImmutableArray<NewMethodCharge> NewMethodQueue { get => field.OrEmpty(); init; }

    /// <summary>What payments were told of their money within the last day: a trail that is older than that is sent back.</summary>
    public ImmutableArray<ToldPayment> Told { get => field.OrEmpty(); init; }

    /// <summary>When methods were charged because they were new, within the last 24 hours.</summary>
    public ImmutableArray<Instant> NewMethodCharges { get => field.OrEmpty(); init; }

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

    /// <summary>How many credit notes have a number.</summary>
    public int CreditNotesNumbered { get; init; }

    /// <summary>How many orders to resources were given, which numbers them.</summary>
    public int OrdersNumbered { get; init; }

    /// <summary>How many notices were promised, which numbers them.</summary>
    public long NoticesPromised { get; init; }

    /// <summary>The keyed calls of the last 24 hours.</summary>
    public ImmutableArray<IdempotencyRecord> Idempotency { get => field.OrEmpty(); init; }

    /// <summary>The links with which the customer may pay, oldest first.</summary>
    public ImmutableArray<PayLink> PayLinks { get => field.OrEmpty(); init; }

    /// <summary>When payments by hand were declined, within the last day, oldest first.</summary>
    public ImmutableArray<Instant> Declines { get => field.OrEmpty(); init; }

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

    /// <summary>The rung that it is; <see langword="null"/> by hand and for a new method.</summary>
    public int? Rung { get; init; }

    /// <summary>The customer asked for it.</summary>
    public bool ByHand { get; init; }

    /// <summary>The hash of the keyed call that asked for it, as its record has it: that is kept as long as the payment is under way.</summary>
    public string? Key { get; init; }

    /// <summary>How its one-off looks on file, where it is put when it has paid.</summary>
    public MethodFace? Keep { get; init; }

    /// <summary>The payments that wait for the customer and have to be cancelled before it is submitted.</summary>
    public ImmutableArray<string> WaitsFor { get => field.OrEmpty(); init; }

    /// <summary>Whether money may be moving: from its reservation, but not while it waits for the customer or to try again.</summary>
    public bool IsLive => Status is PaymentStatus.Submitting or PaymentStatus.Processing or PaymentStatus.Unknown;
}

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
/// <param name="Name">The standing.</param>
/// <param name="EffectiveAt">From when <c>in_standing</c> counts.</param>
/// <param name="CountdownFrom">From when it counts towards a standing that deletes: recorded, and begun anew after every pause.</param>
public sealed record StandingEntry(string Name, Instant EffectiveAt, Instant CountdownFrom);

/// <summary>The newest document for the whole unpaid balance.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Invoices">The invoices that it names.</param>
/// <param name="Due">What is due on them, as it was last told.</param>
public sealed record BalanceInvoice(string Id, ImmutableArray<string> Invoices, Money Due);

/// <summary>
/// A keyed call that took effect: no more of it than tells it from others, and what its repetition is answered. A thousand
/// of them are kept, so each has as few characters as that takes.
/// </summary>
/// <param name="Hash">The beginning of the hash of method, path and key.</param>
/// <param name="Content">The beginning of the body's hash.</param>
/// <param name="Id">What it made, where neither the call nor its key names that.</param>
/// <param name="At">When.</param>
public sealed record IdempotencyRecord(string Hash, string Content, string? Id, Instant At)
{
    // 96 bits among a thousand of one account, and 64 to tell a body from the one before.
    private const int HashLength = 24;
    private const int ContentLength = 16;

    /// <summary>The record of a call.</summary>
    public static IdempotencyRecord Of(IdempotencyKey key, string? id, Instant at) => new(Beginning(key.Hash, HashLength), Beginning(key.Content, ContentLength), id, at);

    /// <summary>Whether it is of a call with this key. A record of before has the whole hash.</summary>
    public bool IsOf(IdempotencyKey key) => string.Equals(Beginning(Hash, HashLength), Beginning(key.Hash, HashLength), StringComparison.Ordinal);

    /// <summary>Whether that call had the same content.</summary>
    public bool Says(IdempotencyKey key) => string.Equals(Beginning(Content, ContentLength), Beginning(key.Content, ContentLength), StringComparison.Ordinal);

    private static string Beginning(string hash, int length) => hash.Length > length ? hash[..length] : hash;
}

/// <summary>A payment that was told of its money.</summary>
/// <param name="Id">The payment.</param>
/// <param name="Version">The decision that told it.</param>
/// <param name="At">When.</param>
public sealed record ToldPayment(string Id, long Version, Instant At) : IIdentified;
