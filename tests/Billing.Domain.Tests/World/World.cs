using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>
/// A whole installation in memory: accounts, invoices and payments that tell each other what their rules decide, a scripted
/// gateway, and a time that moves when it is told to. After every decision the invariants are asked.
/// </summary>
/// <remarks>
/// With a <paramref name="order"/>, messages of different pairs overtake each other, and what may come twice comes twice.
/// </remarks>
internal sealed partial class World(PolicyBook policies, Instant start, Random? order = null)
{
    /// <summary>An instant at which more is decided has no end.</summary>
    private const int MostDecisions = 5_000;

    private readonly Grains<AccountState> _accounts = new(
        "acct", Pass.Standing, (world, state, message, _) => AccountRules.Decide(state, message, world.Now, world.Policies), (world, state) => AccountRules.Due(state, world.Policies), _ => []);

    private readonly Grains<InvoiceState> _invoices = new(
        "inv", Pass.Attempts, (world, state, message, id) => InvoiceRules.Decide(state, message, world.Now, id), (_, state) => InvoiceRules.Due(state), InvoiceRules.Summary);

    private readonly Grains<PaymentState> _payments = new(
        "pay", Pass.Outcomes, (world, state, message, id) => PaymentRules.Decide(state, message, world.Now, id), (_, state) => PaymentRules.Due(state), PaymentRules.Summary);

    private readonly Grains<CeilingState> _cards = new("card", Pass.Outcomes, (world, state, message, _) => CeilingRules.Decide(state, message, world.Now), (_, _) => null, CeilingRules.Summary);

    private readonly Grains<BrakeState> _brakes = new("brake", Pass.Outcomes, (world, state, message, id) => BrakeRules.Decide(state, message, world.Now, id, world.DeletionsPerHour), (_, state) => BrakeRules.Due(state), BrakeRules.Summary);

    private readonly Grains<PayLinkState> _links = new("link", Pass.Outcomes, (world, state, message, _) => PayLinkRules.Decide(state, message, world.Now), (_, _) => null, _ => PayLinkRules.Summary());

    private readonly Mailbox _mail = new(order);
    private (Instant At, int Count) _decisions;

    public PolicyBook Policies { get; set; } = policies;

    /// <summary>How many accounts an hour may be deleted.</summary>
    public int DeletionsPerHour { get; set; } = 100;

    public Instant Now { get; private set; } = start;

    public ScriptedGateway Gateway { get; } = new();

    public List<Event> Events { get; } = [];

    /// <summary>The notices that were to be sent, in order.</summary>
    public List<SendNotice> Notices { get; } = [];

    /// <summary>What comes of a notice; nothing while it is not known.</summary>
    public Func<SendNotice, Message?> Relay { get; set; } = notice => new NoticeAccepted(notice.Id, notice.Notice, notice.Facts!.At, notice.Sending);

    /// <summary>When each event was recorded.</summary>
    public Dictionary<Event, Instant> RecordedAt { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Takes a line for each decision, for whoever looks for a fault.</summary>
    public Action<string>? Trace { get; init; }

    public IEnumerable<AccountState> Accounts => _accounts.States;

    public IEnumerable<InvoiceState> Invoices => _invoices.States;

    public IEnumerable<PaymentState> Payments => _payments.States;

    /// <summary>Everybody who lives here, in the order in which an instant of a test clock wakes them.</summary>
    private ImmutableArray<IGrains> Kinds => [_payments, _invoices, _accounts, _cards, _brakes, _links];

    public AccountState Account(string id = Some.Account) => _accounts[id];

    public InvoiceState Invoice(string id) => _invoices[id];

    public PaymentState Payment(string id) => _payments[id];

    public BrakeState Brake(string key) => _brakes[GrainKeys.Id(key)];

    /// <summary>A card's declines, by its grain's key.</summary>
    public CeilingState Card(string key) => _cards[GrainKeys.Id(key)];

    /// <summary>A command: decided at once, then everything that follows from it; with an order of its own, only some of it for now.</summary>
    public Reply Tell(string key, Message message)
    {
        var reply = Decide(key, message);
        Drain(order?.Next(12) ?? int.MaxValue);
        return reply;
    }

    public Reply TellAccount(Message message) => Tell(GrainKeys.Account(Some.Account), message);

    /// <summary>A command whose consequences are still under way.</summary>
    public Reply Begin(string key, Message message) => Decide(key, message);

    /// <summary>Delivers everything under way.</summary>
    public void Drain() => Drain(int.MaxValue);

    private void Drain(int most)
    {
        for (var i = 0; i < most && !_mail.IsEmpty; i++) Deliver(_mail.Take());
    }

    private void Deliver(Letter letter)
    {
        switch (letter.To)
        {
            case Outgoing.Gateway:
                Ask(letter);
                break;
            case Outgoing.Notices when letter.Message is SendNotice notice:
                Notices.Add(notice);
                if (Relay(notice) is { } said) _mail.Post(Outgoing.Notices, letter.From, said);
                break;
            default:
                Decide(letter.To, letter.Message);
                break;
        }
    }

    private void Ask(Letter letter)
    {
        var payment = Payment(GrainKeys.Id(letter.From));
        Message answer = letter.Message switch
        {
            SubmitAttempt submit => Gateway.Submit(payment, submit.Ordinal, Now),
            AskGateway ask => Gateway.Read(payment.Id, ask.Ordinal),
            CancelAttempt cancel => Gateway.Cancel(payment.Id, cancel.Ordinal, Now),
            SendRefund send => Gateway.Refund(payment.Id, send.Refund, payment.Refunds.Find(send.Refund)!.Amount!.Value),
            _ => throw new InvalidOperationException($"A gateway does not take {letter.Message}."),
        };
        Trace?.Invoke($"{Now} gateway: {Said.By(letter.Message)} of {letter.From} → {Said.By(answer)}");
        // The outcome may come a second time, as a webhook.
        var times = order is not null && order.Next(4) == 0 ? 2 : 1;
        for (var i = 0; i < times; i++) _mail.Post(Outgoing.Gateway, letter.From, answer);
    }

    private Reply Decide(string key, Message message)
    {
        var prefix = key.Split('/')[0];
        var kind = Kinds.FirstOrDefault(kind => kind.Prefix == prefix) ?? throw new InvalidOperationException($"Nobody lives at {key}, to whom {message.GetType().Name} is sent.");
        Count(key, message);
        var decided = kind.Decide(this, GrainKeys.Id(key), message);
        Trace?.Invoke($"{Now} {key}: {Said.By(message)} → {Said.By(decided.Reply)}");
        foreach (var e in decided.Events) Trace?.Invoke($"    {e.Type} {e.EffectiveAt} {e.Data.ToJsonString()}");
        if (decided.Reply is Refused { Detail: var detail } && detail.Contains($"does not take {message.GetType().Name}", StringComparison.Ordinal)) throw new NotSupportedException($"{key}: {detail}");
        Events.AddRange(decided.Events);
        foreach (var e in decided.Events) RecordedAt[e] = Now;
        foreach (var outgoing in decided.Messages) _mail.Post(key, outgoing.To, outgoing.Message);
        Check();
        return decided.Reply;
    }

    private void Count(string key, Message message)
    {
        _decisions = _decisions.At == Now ? (Now, _decisions.Count + 1) : (Now, 1);
        Assert.True(_decisions.Count <= MostDecisions, $"More than {MostDecisions} decisions at {Now}; the last is {message} to {key}.");
    }

    private void Check()
    {
        var broken = Accounts.SelectMany(account => Invariants.Broken(account)).Concat(Invoices.SelectMany(invoice => Invariants.Broken(invoice))).ToList();
        broken.AddRange(Payments.Where(IsLive).SelectMany(payment => payment.Start!.Invoices).Where(IsOpen)
            .GroupBy(invoice => invoice, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => $"{group.Key} has {group.Count()} live payments"));
        Assert.True(broken.Count == 0, string.Join("; ", broken));
    }

    private bool IsOpen(string invoice) => Accounts.Any(account => account.Invoices.Find(invoice) is not null);

    private static bool IsLive(PaymentState payment) => payment.Status is PaymentStatus.Submitting or PaymentStatus.Processing or PaymentStatus.Unknown;
}
