using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>An account with a cycle, and just enough of invoices that billing can be asked about: they are issued, become unpaid, and are paid.</summary>
internal sealed class Ledger
{
    private PolicyBook _policies;

    private Ledger(Policy policy, string? zone)
    {
        _policies = PolicyBook.Empty.With(Some.PolicyId, [policy]);
        var draft = new AccountDraft(new AccountState(), Days.Start, _policies);
        var put = Some.Profile();
        Profiles.Put(draft, put with { Given = put.Given.Add("time_zone"), Fields = put.Fields with { TimeZone = zone } });
        State = draft.State;
    }

    public AccountState State { get; private set; }

    public List<Event> Events { get; } = [];

    public List<(string Id, InvoiceContent Content, Instant At)> Made { get; } = [];

    public List<string> Voided { get; } = [];

    public Instant? Next => Renewals.Next(State, _policies);

    public static Ledger Interval(string every, WhileUnpaid whileUnpaid = WhileUnpaid.Renew, PeriodRecovery recovery = PeriodRecovery.Keep) =>
        With(new BillingCycle.Interval(Days.Parse(every)) { WhileUnpaid = whileUnpaid }, recovery);

    public static Ledger Calendar(int day = 1, string? zone = "UTC", WhileUnpaid whileUnpaid = WhileUnpaid.Renew, string? accountZone = null) =>
        With(new BillingCycle.CalendarMonth(day, zone) { WhileUnpaid = whileUnpaid }, accountZone: accountZone);

    public static Ledger With(BillingCycle? cycle, PeriodRecovery recovery = PeriodRecovery.Keep, string? accountZone = null) => new(PolicyOf(cycle, recovery), accountZone);

    public Ledger Change(BillingCycle? cycle, PeriodRecovery recovery = PeriodRecovery.Keep)
    {
        var version = _policies.InForce(Some.PolicyId);
        _policies = _policies.With(Some.PolicyId, [.. Enumerable.Repeat(_policies[version], version.Version), PolicyOf(cycle, recovery)]);
        return this;
    }

    public T Do<T>(Instant now, Func<AccountDraft, T> change)
    {
        var draft = new AccountDraft(State, now, _policies);
        var reply = change(draft);
        Periods.CaughtUp(draft, now);
        State = draft.State;
        Events.AddRange(draft.Decide(new Done()).Events);
        return reply;
    }

    public void Do(Instant now, Action<AccountDraft> change) => Do(now, draft =>
    {
        change(draft);
        return true;
    });

    public Reply Subscribe(string at, string id = "S", long amount = 2900, string? startsAt = null) =>
        Do(Days.At(at), draft => Subscriptions.Put(draft, new PutSubscription(id, "pro", Some.Dollars(amount), startsAt is null ? null : Days.At(startsAt))));

    public Reply Charge(string at, long amount = 100, string? id = null) =>
        Do(Days.At(at), draft => PendingCharges.Add(draft, new AddCharge(id ?? $"c-{at}", "usage", Some.Dollars(amount), null)));

    public Reply Cancel(string at, string id = "S", bool voidOpen = false) => Do(Days.At(at), draft => Subscriptions.Cancel(draft, new CancelSubscription(id, voidOpen, null), invoice =>
    {
        Voided.Add(invoice.Id);
        draft.Close(invoice, InvoiceStatus.Void);
    }));

    /// <summary>Everything that falls due up to an instant happens at its own, or all of it at the end when nobody woke before.</summary>
    public Ledger Go(string until, bool late = false)
    {
        while (Next is { } at && at <= Days.At(until))
        {
            Assert.True(Made.Count < 1000, "it bills without an end");
            Bill(at, late ? Days.At(until) : at);
        }

        return this;
    }

    public void Bill(Instant at, Instant now) => Do(now, draft => Renewals.Bill(draft, at, (id, content, issuedAt) =>
    {
        Made.Add((id, content, issuedAt));
        Open(draft, id, content);
    }));

    /// <summary>An invoice of the caller's own, for the subscription or for none.</summary>
    public Ledger Invoice(string at, string id, string? subscription = null, long amount = 500)
    {
        Do(Days.At(at), draft => Open(draft, id, Some.Content(amount) with { Subscriptions = subscription is null ? [] : [subscription] }));
        return this;
    }

    public Ledger Unpaid(string at, string? id = null)
    {
        Do(Days.At(at), draft =>
        {
            var invoice = draft.Keep(State.Invoices.Find(id ?? Made[^1].Id)! with { UnpaidSince = Days.At(at) });
            Periods.NotePastDue(draft, invoice, Days.At(at));
        });
        return this;
    }

    public Ledger Pay(string at, string? id = null, string? capturedAt = null)
    {
        Do(Days.At(at), draft =>
        {
            var invoice = State.Invoices.Find(id ?? Made[^1].Id)!;
            draft.Close(invoice, InvoiceStatus.Paid);
            Periods.InvoicePaid(draft, invoice, Days.At(capturedAt ?? at));
        });
        return this;
    }

    /// <summary>A subscription whose first invoice was paid at once.</summary>
    public Ledger Active(string at, string id = "S", long amount = 2900)
    {
        Subscribe(at, id, amount);
        Go(at);
        return Subscription(id).Status == SubscriptionStatus.Active ? this : Pay(at);
    }

    public Ledger Standing(string at, string name)
    {
        Do(Days.At(at), draft => draft.State = draft.State with { Standing = draft.State.Standing! with { Name = name } });
        return this;
    }

    public Subscription Subscription(string id = "S") => State.Subscriptions.Find(id)!;

    public SubscriptionView View(string id = "S") => SubscriptionView.Of(State, Subscription(id));

    public IEnumerable<Instant?> EventsOf(string type) => Events.Where(item => item.Type == type).Select(item => (Instant?)item.EffectiveAt);

    public IEnumerable<long> Nets => Made.Select(item => item.Content.Net);

    private static void Open(AccountDraft draft, string id, InvoiceContent content)
    {
        var total = Some.Dollars(content.Net);
        var sequence = draft.State.InvoicesNumbered + 1;
        var invoice = new OpenInvoice
        {
            Id = id,
            Number = $"INV-{sequence}",
            Sequence = sequence,
            Collection = Collection.Automatic,
            Rules = draft.Policies.InForce(Some.PolicyId),
            IssuedAt = draft.Now,
            DueAt = draft.Now,
            Total = total,
            Due = total,
            Subscriptions = content.Subscriptions,
        };
        draft.State = draft.State with { InvoicesNumbered = sequence, Invoices = draft.State.Invoices.Add(invoice) };
        if (!total.IsZero) return;
        draft.Close(invoice, InvoiceStatus.Paid);
        Periods.InvoicePaid(draft, invoice, draft.Now);
    }

    private static Policy PolicyOf(BillingCycle? cycle, PeriodRecovery recovery)
    {
        var policy = Some.Policy(Some.Standings("{}", ("late", """{"collection_failed": true}"""), ("deleted", """{"in_standing": {"late": "20d"}}""")));
        ImmutableArray<StandingRule> standings = [policy.Standings[0], policy.Standings[1] with { Deletes = true }];
        return policy with { Cycle = cycle, Recovery = new RecoveryRules { SubscriptionPeriod = recovery }, Standings = standings };
    }
}
