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
    private readonly Dictionary<string, AccountState> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, InvoiceState> _invoices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PaymentState> _payments = new(StringComparer.Ordinal);
    private readonly Mailbox _mail = new(order);

    public PolicyBook Policies { get; set; } = policies;

    public Instant Now { get; private set; } = start;

    public ScriptedGateway Gateway { get; } = new();

    public List<Event> Events { get; } = [];

    public IEnumerable<AccountState> Accounts => _accounts.Values;

    public IEnumerable<PaymentState> Payments => _payments.Values;

    public AccountState Account(string id = Some.Account) => _accounts.GetValueOrDefault(id, new AccountState());

    public InvoiceState Invoice(string id) => _invoices.GetValueOrDefault(id, new InvoiceState());

    public PaymentState Payment(string id) => _payments.GetValueOrDefault(id, new PaymentState());

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
                _mail.Post(Outgoing.Notices, letter.From, new NoticeAccepted(notice.Id, notice.Notice, Now));
                break;
            default:
                Decide(letter.To, letter.Message);
                break;
        }
    }

    private void Ask(Letter letter)
    {
        var payment = Payment(GrainKeys.Id(letter.From));
        var answer = letter.Message switch
        {
            SubmitAttempt submit => Gateway.Submit(payment.Id, payment.Attempts[submit.Ordinal - 1], payment.Start!.Amount, Now),
            AskGateway ask => Gateway.Read(payment.Id, ask.Ordinal),
            _ => throw new InvalidOperationException($"A gateway does not take {letter.Message}."),
        };
        // The outcome may come a second time, as a webhook.
        var times = order is not null && order.Next(4) == 0 ? 2 : 1;
        for (var i = 0; i < times; i++) _mail.Post(Outgoing.Gateway, letter.From, answer);
    }

    private Reply Decide(string key, Message message)
    {
        var id = GrainKeys.Id(key);
        return key.Split('/')[0] switch
        {
            "acct" => Store(_accounts, key, id, state => AccountRules.Decide(state, message, Now, Policies)),
            "inv" => Store(_invoices, key, id, state => InvoiceRules.Decide(state, message, Now, id)),
            "pay" => Store(_payments, key, id, state => PaymentRules.Decide(state, message, Now, id)),
            _ => throw new InvalidOperationException($"Nobody lives at {key}."),
        };
    }

    private Reply Store<TState>(Dictionary<string, TState> states, string key, string id, Func<TState, Decision<TState>> decide) where TState : class, new()
    {
        var decision = decide(states.GetValueOrDefault(id) ?? new TState());
        states[id] = decision.State;
        Events.AddRange(decision.Events);
        foreach (var outgoing in decision.Messages) _mail.Post(key, outgoing.To, outgoing.Message);
        Check();
        return decision.Reply;
    }

    private void Check()
    {
        var broken = _accounts.Values.SelectMany(account => Invariants.Broken(account)).ToList();
        broken.AddRange(_payments.Values.Where(IsLive).SelectMany(payment => payment.Start!.Invoices).Where(IsOpen)
            .GroupBy(invoice => invoice, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => $"{group.Key} has {group.Count()} live payments"));
        Assert.True(broken.Count == 0, string.Join("; ", broken));
    }

    private bool IsOpen(string invoice) => _accounts.Values.Any(account => account.Invoices.Find(invoice) is not null);

    private static bool IsLive(PaymentState payment) => payment.Status is PaymentStatus.Submitting or PaymentStatus.Processing or PaymentStatus.Unknown;
}
