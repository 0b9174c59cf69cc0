using System.Collections.Immutable;
using System.Globalization;
using Billing.Domain;
using Billing.Gateways;
using Billing.Grains.Interfaces;
using Billing.Simulation.Checks;
using Billing.Simulation.Installations;
using NodaTime;

namespace Billing.Simulation.Histories;

/// <summary>Everybody outside: customers, operators, callers. They know what they asked for and what was answered, and no more.</summary>
internal sealed class Actor(Installation world, string account)
{
    private static readonly Currency s_usd = Currency.Parse("USD");
    private static readonly string[] s_behaviours = ["good", "good", "bad", "bad", "any", "any", "bank", "bank", "asks", "down"];

    /// <summary>A key is remembered for a day; nobody tries again after that.</summary>
    private static readonly Duration s_keysLive = Duration.FromHours(23);

    private readonly List<Pay> _pays = [];
    private int _keys;
    private long _acknowledgedVersion;

    public string Account => account;

    /// <summary>The invoices that were asked for, by any answer.</summary>
    public List<string> Invoices { get; } = [];

    private List<string> Drafts { get; } = [];

    /// <summary>What was acknowledged: the keys of grains that must exist from then on.</summary>
    public HashSet<string> Acknowledged { get; } = new(StringComparer.Ordinal);

    /// <summary>Told of each answer.</summary>
    public Action<Message, Reply?>? Heard { get; set; }

    /// <summary>Payments of which an operator said what became of them, rightly or wrongly.</summary>
    public HashSet<string> Resolved { get; } = new(StringComparer.Ordinal);

    /// <summary>Issues that were acknowledged or may have been made, with amount and due time.</summary>
    public List<(string Invoice, long Amount, Instant DueAt)> Debts { get; } = [];

    private string Key => GrainKeys.Account(account);

    private AccountState State => world.Account(account);

    public void Begin()
    {
        var profile = new AccountProfile { Id = account, Name = "Ada", Emails = ["ada@example.com"], Currency = s_usd, Policy = Installation.PolicyId, Test = true, TaxRate = 0.19m };
        Send(Key, new PutAccount(["name", "emails", "currency", "policy", "test", "tax_rate"], profile));
    }

    public void Do(Step step)
    {
        var (a, b) = (step.A, step.B);
        switch (step.Deed)
        {
            case Deed.Issue:
                Issue(1 + a % 900, Collection.Automatic, b % 4 == 0 ? world.Now + Duration.FromHours(b % 200) : null);
                break;
            case Deed.IssueManual:
                Issue(1 + a % 900, Collection.Manual, world.Now + Duration.FromMinutes(b % 14_400));
                break;
            case Deed.Draft:
                Issue(1 + a % 900, Collection.Automatic, null, isDraft: true);
                break;
            case Deed.Finalize when Drafts.Count > 0:
                Send(GrainKeys.Invoice(Drafts[a % Drafts.Count]), new FinalizeInvoice(NextKey()));
                break;
            case Deed.Pay when Some(State.Invoices, a) is { } invoice:
                Pay(b, invoice.Id);
                break;
            case Deed.PayAll:
                Pay(b);
                break;
            case Deed.PayAgain when _pays.Count > 0:
                Send(Key, _pays[a % _pays.Count]);
                break;
            case Deed.Receive:
                Receive(1 + a % 700, b);
                break;
            case Deed.Grant:
                var isPromo = a % 2 == 0;
                Send(Key, new GrantCredit(Name("credit"), isPromo ? CreditKind.Promo : CreditKind.Prepayment, Usd(1 + a % 300), isPromo && b % 2 == 0 ? world.Now + Duration.FromHours(1 + b % 500) : null, NextKey()));
                break;
            case Deed.RefundCredit when State.Prepayment.Length > 0:
                Send(Key, new RefundCredit(Usd(1 + a % (int)State.Prepayment.Sum(lot => lot.Amount.MinorUnits)), NextKey()));
                break;
            case Deed.Adjust when Some(State.Invoices, a) is { } invoice:
                Send(Key, new AdjustInvoice(invoice.Id, Usd(1 + b % (int)invoice.Total.MinorUnits), "kindness", NextKey()));
                break;
            case Deed.Void when Some(State.Invoices, a) is { } invoice:
                Send(Key, new VoidInvoice(invoice.Id, NextKey()));
                break;
            case Deed.WriteOff when Some(State.Invoices, a) is { } invoice:
                Send(Key, new WriteOff(invoice.Id, NextKey()));
                break;
            case Deed.UndoWriteOff when Some([.. State.Invoices.Where(invoice => invoice.IsWrittenOff)], a) is { } invoice:
                Send(Key, new UndoWriteOff(invoice.Id, NextKey()));
                break;
            case Deed.Refund when Some(Paid(), a) is { } payment:
                var part = b % 3 == 0 ? null : payment.Allocations.LastOrDefault()?.Invoice;
                Send(GrainKeys.Payment(payment.Id), new RefundPayment(b % 2 == 0 ? null : Usd(1 + b % (int)payment.Captured!.Value.MinorUnits), part, b % 4 == 0, payment.Reference is null ? null : "by hand", NextKey()));
                break;
            case Deed.Reverse when Some([.. Paid().Where(payment => payment.Reference is not null)], a) is { } payment:
                Send(GrainKeys.Payment(payment.Id), new ReversePayment(b % 2 == 0 ? null : Usd(1 + b % (int)payment.Captured!.Value.MinorUnits), "bounced", NextKey()));
                break;
            case Deed.Dispute when Some([.. Charges().Where(charge => charge.Status == ChargeStatus.Succeeded)], a) is { } charge:
                world.Gateway.Dispute(charge, (DisputeOutcome)(b % 3));
                break;
            case Deed.TellAgain when Some([.. Charges()], a) is { } charge:
                world.Gateway.TellAgain(charge);
                break;
            case Deed.Resolve when Some([.. State.Payments.Where(payment => payment.Status == PaymentStatus.Unknown)], a) is { } payment:
                Resolved.Add(payment.Id);
                Send(GrainKeys.Payment(payment.Id), new ResolvePayment(b % 2 == 0 ? AttemptOutcome.Succeeded : AttemptOutcome.Declined, "a page", NextKey()));
                break;
            case Deed.PutMethod:
                PutMethod($"m{a % 3}", s_behaviours[b % s_behaviours.Length], b % 4 == 0 ? true : null);
                break;
            case Deed.RemoveMethod when Some(State.Methods, a) is { } method:
                Send(Key, new RemovePaymentMethod(method.Id));
                break;
            case Deed.MakeDefault when Some(State.Methods, a) is { } method:
                Send(Key, new MakeDefault(method.Id, NextKey()));
                break;
            case Deed.PutHold:
                Send(Key, new PutHold((HoldCategory)(a % 4), ["purchase"], "a reason"));
                break;
            case Deed.ReleaseHold when Some(State.Holds, a) is { } hold:
                Send(Key, new ReleaseHold(hold.Category));
                break;
            case Deed.Controls:
                Send(Key, a % 2 == 0 ? new PutControls(null, b % 2 == 0) : new PutControls(b % 2 == 0, null));
                break;
            case Deed.Extend:
                Send(Key, new Extend(world.Now + Duration.FromHours(1 + a % 300), "a wish", NextKey()));
                break;
            case Deed.EndExtension:
                Send(Key, new EndExtension());
                break;
            case Deed.MovePolicy:
                MovePolicy(a, b);
                break;
            case Deed.Bounce when State.Notices.Length > 0:
                Send(Key, new NoticeBounced(State.Notices[a % State.Notices.Length].Id));
                break;
            case Deed.Attest when State.Notices.Length > 0:
                Send(Key, new AttestNotice(State.Notices[a % State.Notices.Length].Id, "a letter", NextKey()));
                break;
            case Deed.PutResource:
                Send(Key, new PutResource($"r{a % 4}", "server", null, a % 4 == 0 ? [] : [$"r{a % 4 - 1}"]));
                break;
            case Deed.Acknowledge when Some([.. State.Resources.Where(resource => resource.Order is not null)], a) is { } resource:
                Send(Key, new AcknowledgeOrder(resource.Id, resource.Order!.Id, NextKey()));
                break;
            case Deed.PowerOn when Some(State.Resources, a) is { } resource:
                Send(Key, new PowerOn(resource.Id, NextKey()));
                break;
            case Deed.Subscribe:
                Send(Key, new PutSubscription($"s{a % 2}", "pro", Usd(1 + b % 500), null));
                break;
            case Deed.CancelSubscription when Some(State.Subscriptions, a) is { } subscription:
                Send(Key, new CancelSubscription(subscription.Id, b % 2 == 0, NextKey()));
                break;
            case Deed.AddCharge:
                Send(Key, new AddCharge(Name("charge"), "usage", Usd(1 + a % 200), NextKey()));
                break;
            case Deed.ChangeProfile:
                Send(Key, new PutAccount(["tags", "tax_rate"], new AccountProfile { Id = account, Tags = a % 2 == 0 ? ["vip"] : [], TaxRate = b % 3 == 0 ? null : 0.07m }));
                break;
            case Deed.ResolveAttention when Some(State.Attention, a) is { } entry:
                Send(Key, new ResolveAttention(entry.Id, NextKey()));
                break;
            case Deed.AskGate:
                AskGate();
                break;
            // There is nothing that it could be done with yet.
            case var _ when a % 2 == 0:
                Issue(1 + a % 900, b % 4 == 0 ? Collection.Manual : Collection.Automatic, b % 4 == 0 ? world.Now + Duration.FromMinutes(b % 3_000) : null);
                break;
            default:
                Pay(b);
                break;
        }
    }

    public void Issue(long amount, Collection collection, Instant? dueAt, bool isDraft = false)
    {
        var id = Name($"{account}-i");
        Invoices.Add(id);
        if (isDraft) Drafts.Add(id);
        var content = new InvoiceContent { Lines = [new InvoiceLine("work", amount)], Collection = collection, DueAt = dueAt };
        var put = new PutInvoice(account, null, Test: true, s_usd, content, isDraft);
        if (dueAt is { } at && !isDraft) Debts.Add((id, amount, at));
        Send(GrainKeys.Invoice(id), put);
    }

    public void PutMethod(string id, string behaviour, bool? makeDefault)
    {
        var kind = behaviour == "bank" ? MethodKind.Bank : MethodKind.Card;
        Send(Key, new PutPaymentMethod(new PaymentMethod { Id = id, Gateway = "sandbox", Token = $"{Name("tok")}-{behaviour}", Kind = kind }, makeDefault));
    }

    /// <summary>Pays with a method on file or a one-off that behaves as the number says.</summary>
    public void Pay(int how, params string[] invoices)
    {
        var key = NextKey();
        var behaviour = s_behaviours[how % s_behaviours.Length];
        var kind = how % 7 == 0 ? MethodKind.Crypto : behaviour == "bank" ? MethodKind.Bank : MethodKind.Card;
        var pay = new Pay
        {
            Payment = Ids.PaymentByHand(account, "pay", key.Hash),
            Key = key,
            Invoices = [.. invoices],
            OneOff = how % 3 == 0 ? null : new MethodCandidate(null, "sandbox", $"{Name("one")}-{behaviour}", kind),
        };
        _pays.Add(pay);
        Send(Key, pay, $"pay/{pay.Payment}");
    }

    /// <summary>Pays all that is unpaid with a card that works.</summary>
    public void PayWell()
    {
        var key = NextKey();
        Send(Key, new Pay { Payment = Ids.PaymentByHand(account, "pay", key.Hash), Key = key, OneOff = new MethodCandidate(null, "sandbox", $"{Name("one")}-good", MethodKind.Card) });
    }

    /// <summary>The gate knows at least what was acknowledged, and denies exactly what standing and holds deny.</summary>
    private void AskGate()
    {
        var least = _acknowledgedVersion;
        world.Ask("the gate", () => world.Process.Grains.Account(account).Check(new GateCall(new GateQuestion(Operations.Purchase), world.Now, least)), result =>
        {
            if (result is null) return;
            Net.Require(result.Answer is not null, () => $"the gate does not answer: {result.Refused}");
            var answer = result.Answer!;
            Net.Require(answer.StandingVersion >= least, () => $"the gate knows version {answer.StandingVersion}, and {least} was acknowledged");
            var isHeld = State.Holds.Any(hold => hold.Denies(Operations.Purchase));
            if (answer.StandingVersion != State.Version) return;
            Net.Require(answer.Allowed == (!isHeld && answer.Standing == "good" || !isHeld && !Denies(answer.Standing)), () => $"the gate says {answer.Allowed} in {answer.Standing}, held: {isHeld}");
        });
    }

    private bool Denies(string standing)
    {
        var book = world.Policies.Book;
        var policy = book[State.Episode?.Policy ?? book.InForce(Installation.PolicyId)];
        return policy.SeverityOf(standing) is >= 0 and var severity && policy.Standings[severity].Deny.Contains(Operations.Purchase, StringComparer.Ordinal);
    }

    private void Receive(long amount, int how)
    {
        var invoice = how % 2 == 0 ? null : Some(State.Invoices, how)?.Id;
        var reference = Name("ref");
        Send(GrainKeys.Payment(Ids.Received(account, reference)), new RecordReceived { Account = account, Amount = Usd(amount), Reference = reference, Invoice = invoice, Test = true });
    }

    private void MovePolicy(int a, int b)
    {
        var book = world.Policies.Book;
        var version = book.InForce(Installation.PolicyId).Version;
        if (a % 2 == 0 && version < 4)
        {
            world.Policies.Book = book.With(Installation.PolicyId, [.. Enumerable.Range(1, version).Select(n => book[new PolicyRef(Installation.PolicyId, n)]), Policies.Any(new Random(b))]);
            return;
        }

        Send(Key, new MoveEpisode(new PolicyRef(Installation.PolicyId, 1 + b % version), NextKey()));
    }

    /// <summary>Sends, and once more with the same key where nobody answered: the caller does not know, and may not do it twice.</summary>
    private void Send(string to, Message message, string? made = null, bool isAgain = false)
    {
        var firstAt = world.Now;
        world.Tell(to, message, reply =>
        {
            if (reply is Done done)
            {
                Acknowledged.Add(made ?? to);
                if (to == Key) _acknowledgedVersion = Math.Max(_acknowledgedVersion, done.StandingVersion);
            }

            Heard?.Invoke(message, reply);
            if (reply is not null || isAgain) return;
            world.After(Duration.FromSeconds(1), "again", () =>
            {
                if (world.Now < firstAt + s_keysLive) Send(to, message, made, isAgain: true);
            });
        });
    }

    private IEnumerable<Charge> Charges() => world.Gateway.Charges.Where(charge => string.Equals(charge.Account, account, StringComparison.Ordinal));

    private ImmutableArray<PaymentState> Paid() =>
    [
        .. world.Payments
            .Where(payment => payment is { Status: PaymentStatus.Succeeded, Captured.IsPositive: true } && string.Equals(payment.Start!.Account, account, StringComparison.Ordinal)),
    ];

    private static T? Some<T>(ImmutableArray<T> items, int n) where T : class => items.IsEmpty ? null : items[n % items.Length];

    private string Name(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{++_keys}");

    private IdempotencyKey NextKey() => new(Name("key-"), "content");

    private static Money Usd(long minorUnits) => new(minorUnits, s_usd);
}
