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

    /// <summary>The rules that an invoice's collection keeps.</summary>
    public CollectionRules RulesOf(OpenInvoice invoice) => Policies[invoice.Rules].Collection;

    /// <summary>Sends a message to an invoice.</summary>
    public void TellInvoice(string invoice, Message message) => _draft.Send(GrainKeys.Invoice(invoice), message);

    /// <summary>Sends a message to a payment.</summary>
    public void TellPayment(string payment, Message message) => _draft.Send(GrainKeys.Payment(payment), message);

    /// <summary>Promises a notice.</summary>
    public void Promise(string notice)
    {
        State = State with { NoticesPromised = State.NoticesPromised + 1 };
        var id = $"{Id}~notice~{State.NoticesPromised}";
        _draft.Send(Outgoing.Notices, new SendNotice(id, Id, notice));
        Record("notice.sent", new JsonObject { ["notice"] = notice, ["id"] = id });
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
        return _draft.Decide(reply is Done done ? done with { StandingVersion = State.Version } : reply);
    }

    /// <summary>What found nothing to do leaves no trace: only how far the timeline was derived has moved.</summary>
    private bool IsUnchanged => _draft.IsSilent && (ReferenceEquals(State, _before)
        || _before.Standing is { } standing && _before == State with { Standing = standing } && standing == State.Standing! with { AsOf = standing.AsOf });

    private void TellPosition(OpenInvoice invoice, InvoiceStatus status)
    {
        var before = _before.Invoices.Find(invoice.Id);
        var settledBy = State.Balance is { } balance && balance.Invoices.Contains(invoice.Id, StringComparer.Ordinal) ? balance.Id : null;
        var isKnown = before is null
            ? status == InvoiceStatus.Open && invoice.Due == invoice.Total && settledBy is null && invoice.UnpaidSince is null
            : status == InvoiceStatus.Open && before.Due == invoice.Due && before.UnpaidSince == invoice.UnpaidSince
                && (settledBy is null || string.Equals(settledBy, _before.Balance?.Id, StringComparison.Ordinal));
        if (isKnown) return;
        TellInvoice(invoice.Id, new PositionChanged
        {
            Status = status,
            Due = status == InvoiceStatus.Open ? invoice.Due : Money.Zero(State.Currency),
            UnpaidSince = invoice.UnpaidSince,
            Applied = [.. invoice.Applied.Skip(before?.Applied.Length ?? 0)],
            SettledBy = settledBy,
            StandingVersion = State.Version,
        });
    }
}
