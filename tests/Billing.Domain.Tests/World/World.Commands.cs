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

    public Reply PutMethod(string id, string[] script, bool? makeDefault = null, MethodKind kind = MethodKind.Card)
    {
        var token = string.Create(CultureInfo.InvariantCulture, $"tok-{id}-{++_keys}");
        Gateway.Script(token, script);
        return TellAccount(Some.Method(id, makeDefault, token, kind));
    }

    public World Issue(string id, long amount, Collection collection = Collection.Automatic, Instant? dueAt = null)
    {
        Accept(Put(id, Some.Content(amount, collection, dueAt)));
        return this;
    }

    public Reply Put(string id, InvoiceContent content, bool draft = false) =>
        Tell(GrainKeys.Invoice(id), new PutInvoice(Some.Account, Account().Existing.TestClock, true, Some.Usd, content, draft));

    public Reply Void(string id) => TellAccount(new VoidInvoice(id, NextKey()));

    /// <summary>Pays by hand with a one-off method that does this.</summary>
    public Reply PayWith(string step, params string[] invoices)
    {
        var token = string.Create(CultureInfo.InvariantCulture, $"one-off-{++_keys}");
        Gateway.Script(token, step);
        return TellAccount(PayCommand(invoices) with { OneOff = new MethodCandidate(null, "sandbox", token, MethodKind.Card) });
    }

    public Reply Pay(string? method, params string[] invoices) => TellAccount(PayCommand(invoices) with { Method = method });

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

    private Pay PayCommand(string[] invoices)
    {
        var key = NextKey();
        var named = invoices.SelectMany(id => Invoice(id) is { IsBalance: true } balance ? balance.Settles.Select(settled => settled.Invoice) : [id]);
        return new Pay { Payment = Ids.PaymentByHand(Some.Account, "pay", key.Hash), Key = key, Invoices = [.. named] };
    }

    private IdempotencyKey NextKey() => Some.Key(string.Create(CultureInfo.InvariantCulture, $"key-{++_keys}"));
}
