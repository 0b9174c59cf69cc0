using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>A decision about an account in the making, with the policy versions it may look at.</summary>
internal sealed class AccountDraft(AccountState state, Instant now, PolicyBook policies)
{
    private readonly Draft<AccountState> _draft = new(state, now);
    private readonly AccountState _before = state;
    private readonly List<(OpenInvoice Invoice, InvoiceStatus Status)> _closed = [];
    private readonly Dictionary<string, OpenInvoice> _reopened = new(StringComparer.Ordinal);
    private readonly List<SendNotice> _notices = [];

    /// <summary>The state so far.</summary>
    public AccountState State { get => _draft.State; set => _draft.State = value; }

    /// <summary>The instant of the decision.</summary>
    public Instant Now => _draft.Now;

    /// <summary>The policy versions.</summary>
    public PolicyBook Policies { get; } = policies;

    /// <summary>The account's id.</summary>
    public string Id => State.Existing.Id;

    /// <summary>The version that this decision's state will have.</summary>
    public long NextVersion => _before.Version + 1;

    /// <summary>The rules of the account's policy, the episode's while one runs.</summary>
    public Policy Policy => Policies[Standings.PolicyOf(State, Policies)];

    /// <summary>The rules that an invoice's collection keeps.</summary>
    public CollectionRules RulesOf(OpenInvoice invoice) => Policies[invoice.Rules].Collection;

    /// <summary>Sends a message to an invoice.</summary>
    public void TellInvoice(string invoice, Message message) => _draft.Send(GrainKeys.Invoice(invoice), message);

    /// <summary>Sends a message to a payment.</summary>
    public void TellPayment(string payment, Message message)
    {
        _draft.Send(GrainKeys.Payment(payment), message);
        if (message is not (PaymentApplied or InvoiceClosed)) return;
        var recent = State.Told.RemoveAll(told => told.At + AccountLimits.ToldPaymentsFor <= Now);
        if (recent.Length >= AccountLimits.ToldPayments) recent = recent.RemoveAt(0);
        State = State with { Told = recent.Without(payment).Add(new ToldPayment(payment, NextVersion, Now)) };
    }

    /// <summary>Tells a pay link, by its token's hash, where it leads.</summary>
    public void TellLink(string hash, Message message) => _draft.Send(GrainKeys.PayLink(hash), message);

    /// <summary>Sends a message to the installation's brake on deletions.</summary>
    public void TellDeletionBrake(Message message) => _draft.Send(GrainKeys.DeletionBrake, message);

    /// <summary>Whether the draft only tells how the account reads: nothing that others have to do begins.</summary>
    public bool IsReading { get; init; }

    /// <summary>Whether it tells the future, in which notices are delivered as they are sent.</summary>
    public bool IsForecast { get; init; }

    /// <summary>Promises a notice, and says its name.</summary>
    /// <param name="notice">Which one.</param>
    /// <param name="about">What it is about; the rest of what it tells is added when all is decided.</param>
    public string Promise(string notice, NoticeFacts about)
    {
        State = State with { NoticesPromised = State.NoticesPromised + 1 };
        var id = Notices.Name(Id, State.NoticesPromised);
        _notices.Add(new SendNotice(id, Id, notice, about));
        Record("notice.sent", new JsonObject { ["notice"] = notice, ["id"] = id });
        return id;
    }

    /// <summary>Sends a promised notice once more, with the text that it had.</summary>
    public void SendAgain(PromisedNotice notice)
    {
        _notices.Add(new SendNotice(notice.Id, Id, notice.Notice, new NoticeFacts { Kind = NoticeKind.Warning }, notice.Sending));
        Record("notice.sent", new JsonObject { ["notice"] = notice.Notice, ["id"] = notice.Id });
    }

    /// <summary>Records what happened now.</summary>
    public void Record(string type, JsonObject data) => _draft.Record(Id, type, data);

    /// <summary>Records what happened, with the instant from which it counts.</summary>
    public void Record(string type, Instant effectiveAt, JsonObject data) => _draft.Record(Id, type, effectiveAt, data);

    /// <summary>Puts an open invoice back, changed.</summary>
    public OpenInvoice Keep(OpenInvoice invoice)
    {
        State = State with { Invoices = State.Invoices.With(invoice) };
        return invoice;
    }

    /// <summary>Opens an invoice again that was paid, <paramref name="invoice"/>, which the account had forgotten as <paramref name="closed"/>: what it says of its money is told from there.</summary>
    public OpenInvoice Reopen(OpenInvoice closed, OpenInvoice invoice)
    {
        _reopened[closed.Id] = closed;
        return Keep(invoice);
    }

    /// <summary>Takes an invoice off the open ones.</summary>
    public void Close(OpenInvoice invoice, InvoiceStatus status)
    {
        _closed.Add((invoice, status));
        State = State with { Invoices = State.Invoices.Without(invoice.Id) };
    }

    /// <summary>The decision. Each invoice whose position changed is told so, once, with the state that will be stored.</summary>
    public Decision<AccountState> Decide(Reply reply)
    {
        if (IsUnchanged) return new Decision<AccountState>(_before, reply is Done nothing ? nothing with { StandingVersion = _before.Version } : reply, [], []);
        State = State with { Version = NextVersion };
        foreach (var (invoice, status) in _closed) TellPosition(invoice, status);
        foreach (var invoice in State.Invoices) TellPosition(invoice, InvoiceStatus.Open);
        BalanceInvoices.TellPosition(this);
        if (!IsForecast) foreach (var notice in _notices) _draft.Send(Outgoing.Notices, notice with { Facts = NoticeTelling.Complete(this, notice.Facts!) });
        return _draft.Decide(reply is Done done ? done with { StandingVersion = State.Version } : reply);
    }

    /// <summary>What found nothing to do leaves no trace: only how far the timeline was derived has moved.</summary>
    private bool IsUnchanged => _draft.IsSilent && (ReferenceEquals(State, _before)
        || _before.Standing is { } standing && _before == State with { Standing = standing } && standing == State.Standing! with { AsOf = standing.AsOf });

    private void TellPosition(OpenInvoice invoice, InvoiceStatus closed)
    {
        var before = _before.Invoices.Find(invoice.Id);
        var settledBy = State.Balance is { } balance && balance.Invoices.Contains(invoice.Id, StringComparer.Ordinal) ? balance.Id : null;
        var position = Position(invoice, closed, settledBy) with { Applied = Changes(before ?? _reopened.GetValueOrDefault(invoice.Id), invoice) };
        var known = before is null
            ? new PositionChanged { Status = InvoiceStatus.Open, Due = invoice.Total, Paid = Money.Zero(State.Currency), StandingVersion = State.Version }
            : Position(before, InvoiceStatus.Open, string.Equals(settledBy, _before.Balance?.Id, StringComparison.Ordinal) ? settledBy : null);
        if (position with { Applied = [] } != known with { Applied = [] }) TellInvoice(invoice.Id, position);
    }

    private PositionChanged Position(OpenInvoice invoice, InvoiceStatus closed, string? settledBy)
    {
        var isPayable = closed == InvoiceStatus.Open;
        return new PositionChanged
        {
            Status = isPayable && invoice.IsWrittenOff ? InvoiceStatus.WrittenOff : closed,
            Due = isPayable ? invoice.Due : Money.Zero(State.Currency),
            Paid = invoice.Paid,
            UnpaidSince = invoice.UnpaidSince,
            IsDueAgain = invoice.IsDueAgain,
            SettledBy = settledBy,
            StandingVersion = State.Version,
        };
    }

    /// <summary>What payments put on an invoice and took from it in this decision; granted credit is no payment.</summary>
    private static ImmutableArray<Application> Changes(OpenInvoice? before, OpenInvoice after)
    {
        var changes = ImmutableArray.CreateBuilder<Application>();
        foreach (var payment in (before?.Applied ?? []).Concat(after.Applied).Where(part => !part.IsGranted).Select(part => part.Payment).Distinct(StringComparer.Ordinal))
        {
            var change = Sum(after, payment) - (before is null ? Money.Zero(after.Total.Currency) : Sum(before, payment));
            if (!change.IsZero) changes.Add(new Application(payment, change));
        }

        return changes.ToImmutable();

        static Money Sum(OpenInvoice invoice, string payment) =>
            invoice.Applied.Where(part => string.Equals(part.Payment, payment, StringComparison.Ordinal)).Sum(invoice.Total.Currency, part => part.Amount);
    }
}
