using System.Collections.Immutable;
using System.Globalization;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>What people do in this world.</summary>
internal sealed partial class World
{
    private int _keys;

    /// <summary>A world with one account. On a test clock the steps of an instant come after its outcomes and attempts.</summary>
    public static World With(string policy, Random? order = null, string? clock = Some.Clock)
    {
        var world = new World(Some.Book(policy), Days.Start, order);
        world.Accept(world.TellAccount(Some.Profile(clock: clock)));
        return world;
    }

    public World Method(string id, params string[] script)
    {
        Accept(PutMethod(id, script));
        return this;
    }

    /// <summary>Puts a method on file; without a token it is a new one.</summary>
    public Reply PutMethod(string id, string[] script, bool? makeDefault = null, MethodKind kind = MethodKind.Card, string? fingerprint = null)
    {
        var token = string.Create(CultureInfo.InvariantCulture, $"tok-{id}-{++_keys}");
        Gateway.Script(token, script);
        var put = Some.Method(id, makeDefault, token, kind);
        return TellAccount(put with { Method = put.Method with { Fingerprint = fingerprint } });
    }

    public World Issue(string id, long amount, Collection collection = Collection.Automatic, Instant? dueAt = null)
    {
        Accept(Put(id, Some.Content(amount, collection, dueAt)));
        return this;
    }

    public Reply Put(string id, InvoiceContent content, bool draft = false) =>
        Tell(GrainKeys.Invoice(id), new PutInvoice(Some.Account, Account().Existing.TestClock, true, Account().Currency, content, draft));

    public Reply Void(string id) => TellAccount(new VoidInvoice(id, NextKey()));

    /// <summary>Pays by hand with a one-off method that does this.</summary>
    public Reply PayWith(string step, params string[] invoices) => PayWith([step], MethodKind.Card, invoices);

    /// <summary>Pays by hand with a one-off method of this kind that does this.</summary>
    public Reply PayWith(string[] script, MethodKind kind, params string[] invoices) => PayWith(script, new MethodCandidate(null, "sandbox", "", kind), invoices);

    /// <summary>Pays by hand with this one-off, under a token of its own that does this.</summary>
    public Reply PayWith(string[] script, MethodCandidate oneOff, params string[] invoices)
    {
        var token = string.Create(CultureInfo.InvariantCulture, $"one-off-{++_keys}");
        Gateway.Script(token, script);
        return TellAccount(PayCommand(invoices, NextKey()) with { OneOff = oneOff with { Token = token } });
    }

    public Reply Pay(string? method, params string[] invoices) => Pay(method, NextKey(), invoices);

    public Reply Pay(string? method, IdempotencyKey key, params string[] invoices) => TellAccount(PayCommand(invoices, key) with { Method = method });

    /// <summary>Records money that was received elsewhere.</summary>
    public Reply Receive(string reference, long amount, string? invoice = null, Instant? receivedAt = null) => Tell(
        GrainKeys.Payment($"{Some.Account}~received~{reference}"),
        new RecordReceived { Account = Some.Account, Amount = InCurrency(amount), Reference = reference, Invoice = invoice, ReceivedAt = receivedAt, Clock = Account().Existing.TestClock, Test = true });

    /// <summary>Sends money of a payment back, and says how the refund stands when all is quiet; <see langword="null"/>: it was refused at once.</summary>
    public Refund? Refund(string payment, long? amount, bool reopen, out Reply reply, string? invoice = null, string? reference = null)
    {
        var key = NextKey();
        reply = Tell(GrainKeys.Payment(payment), new RefundPayment(amount is { } some ? InCurrency(some) : null, invoice, reopen, reference, key));
        return Payment(payment).Refunds.FirstOrDefault(refund => refund.Key == key);
    }

    /// <summary>Ends a charge that is processing or waits for the customer.</summary>
    public Reply Settle(Charge charge, AttemptOutcome outcome, string? code = null)
    {
        var (payment, report) = Gateway.Settle(charge, outcome, Now, code);
        return Tell(GrainKeys.Payment(payment), report);
    }

    /// <summary>Puts another version of the accounts' policy in force.</summary>
    public Reply PutPolicy(string document)
    {
        var versions = Enumerable.Range(1, Policies.InForce(Some.PolicyId).Version).Select(version => Policies[new PolicyRef(Some.PolicyId, version)]);
        var reading = Some.PolicyReading(Some.InSingleCents(document));
        if (!reading.IsValid) return new Refused(Problems.PolicyInvalid, string.Join(" ", reading.Errors.Select(error => $"{error.Path}: {error.Message}")));
        Policies = Policies.With(Some.PolicyId, [.. versions, reading.Policy]);
        return new Done(Some.PolicyId);
    }

    public Money InCurrency(long minorUnits) => new(minorUnits, Account().Currency);

    public string NextId(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{++_keys}");

    public IdempotencyKey NextKey() => Some.Key(NextId("key"));

    /// <summary>Moves on by so much.</summary>
    public World Go(string text)
    {
        AdvanceTo(Days.At(text));
        return this;
    }

    /// <summary>The changes of standing, as <c>standing@effective</c>.</summary>
    public (Instant At, string Standing)[] Timeline() =>
        [.. Events.Where(e => e.Type == "standing.changed").Select(e => (e.EffectiveAt, e.Data["standing"]!.GetValue<string>()))];

    public GateAnswer Gate(string operation = Operations.Purchase, string? context = null) =>
        Domain.Gate.Decide(Account(), Policies, new GateQuestion(operation, context), Now);

    public string Standing() => Gate().Standing;

    public AccountView View() => AccountView.Of(Account(), Policies, Now)!;

    public void Accept(Reply reply) => Assert.IsType<Done>(reply);

    private Pay PayCommand(string[] invoices, IdempotencyKey key)
    {
        var named = invoices.SelectMany(id => Invoice(id) is { IsBalance: true } balance ? balance.Settles.Select(settled => settled.Invoice) : [id]);
        return new Pay { Payment = Ids.PaymentByHand(Some.Account, "pay", key.Hash), Key = key, Invoices = [.. named] };
    }
}
