using System.Text.Json.Nodes;
using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Simulation.Checks;
using Billing.Simulation.Histories;
using Billing.Simulation.Installations;
using Billing.Simulation.Mutations;
using NodaTime;

namespace Billing.Simulation;

/// <summary>Mistakes that generated histories have found, each reduced to its story.</summary>
public sealed class FoundTests
{
    private static readonly Currency s_usd = Currency.Parse("USD");

    private readonly Installation _world = new(1, Mutation.None, hasWakeUps: true, closesKeys: true, faultsPerMille: 0);
    private readonly Actor _actor;
    private readonly Net _net;
    private int _keys;

    public FoundTests()
    {
        _world.Gateway.IsCalm = true;
        _actor = new Actor(_world, "a");
        _net = new Net(_world, [_actor]);
    }

    [Fact]
    public void Cancellation_TakesTheReceivableBack()
    {
        Begin(new JsonObject { ["cancel_after"] = "0d" });
        Issue("i", 610);
        Assert.Equal(InvoiceStatus.Cancelled, _world.Invoice("i").Status);
    }

    [Fact]
    public void Refund_OfAnInvoiceWhosePartWasRefunded_IsRefused()
    {
        Begin();
        _actor.PutMethod("m", "good", null);
        Issue("i", 500);
        var payment = Ids.RungPayment("i", 0);
        Tell(GrainKeys.Payment(payment), new RefundPayment(null, "i", Reopen: false, null, Key()));
        Tell(GrainKeys.Payment(payment), new RefundPayment(null, "i", Reopen: true, null, Key()));
        Assert.Equal([RefundStatus.Succeeded, RefundStatus.Refused], _world.Payment(payment).Refunds.Select(refund => refund.Status));
    }

    [Fact]
    public void Reversal_OfOtherMoney_WhileAChargeIsUnderWay_LeavesTheInvoiceReserved()
    {
        Begin();
        _actor.PutMethod("m", "bank", null);
        Issue("i", 361);
        var received = Receive(361, "i");
        Tell(GrainKeys.Payment(received), new ReversePayment(null, "bounced", Key()));
        Assert.Equal(Ids.RungPayment("i", 0), _world.Account("a").Invoices.Find("i")!.ReservedBy);
    }

    [Fact]
    public void Refund_ThatReopensAWrittenOffInvoice_KeepsTheBooks()
    {
        Begin();
        Issue("i", 738, Collection.Manual);
        var received = Receive(25, "i");
        Tell(GrainKeys.Account("a"), new WriteOff("i", Key()));
        Tell(GrainKeys.Payment(received), new RefundPayment(null, null, Reopen: true, "by hand", Key()));
    }

    [Fact]
    public void Received_WhileAChargeIsUnderWay_MakesTheChargePrepayment()
    {
        Begin();
        _actor.PutMethod("m", "bank", null);
        Issue("i", 361);
        Receive(361, "i");
        _world.Advance(Duration.FromDays(10));
        _net.AfterStep();
        _net.AtEnd();
        Assert.Equal(InvoiceStatus.Paid, _world.Invoice("i").Status);
    }

    [Fact]
    public void Activation_GivenUpBecauseItTookTooLong_IsSilent()
    {
        Begin();
        _actor.PutMethod("m", "bad", null);
        Check();
        _world.Tell(GrainKeys.Invoice("i"), Invoice(500));
        var payment = GrainKeys.Payment(Ids.RungPayment("i", 0));
        RunUntilWritten(payment);
        _world.Crash();
        _world.Restart();
        _ = _world.Process.Grains.ByKey(payment).Poke();

        // The next activation has written that it does not know what became of the charge, and for an hour it hears no more.
        RunUntilWritten(payment);
        _world.Jump(Duration.FromHours(1));
        _world.Advance(Duration.FromDays(1));
        _net.AfterStep();
        Assert.Equal(PaymentStatus.Failed, _world.Payment(Ids.RungPayment("i", 0)).Status);
    }

    [Fact]
    public void Issue_ForAnAccountThatDoesNotExist_IsDenied()
    {
        _world.Tell(GrainKeys.Invoice("i"), Invoice(500));
        _world.Run();
        Assert.Empty(_world.Failures.Unexpected);
        Assert.Equal((InvoiceStatus.Draft, Problems.NotFound), (_world.Invoice("i").Status, _world.Invoice("i").Denied?.Code));
    }

    private void Begin(JsonObject? invoice = null)
    {
        _world.Policies.Book = PolicyBook.Empty.With(Installation.PolicyId, [Policies.Read(new JsonObject { ["id"] = Installation.PolicyId, ["invoice"] = invoice ?? [], ["standings"] = new JsonArray() })]);
        _actor.Begin();
        Check();
    }

    private void Issue(string id, long amount, Collection collection = Collection.Automatic) => Tell(GrainKeys.Invoice(id), Invoice(amount, collection));

    private static PutInvoice Invoice(long amount, Collection collection = Collection.Automatic) =>
        new("a", null, Test: true, s_usd, new InvoiceContent { Lines = [new InvoiceLine("work", amount)], Collection = collection }, Draft: false);

    private void RunUntilWritten(string key)
    {
        _world.Written.Clear();
        while (!_world.Written.Contains(key))
        {
            Assert.False(_world.Scheduler.IsQuiet, $"All is quiet, and {key} was not written.");
            _world.Run(1);
        }
    }

    private string Receive(long amount, string invoice)
    {
        // What is due may have tax in it.
        var due = amount < 300 ? new Money(amount, s_usd) : _world.Account("a").Invoices.Find(invoice)!.Due;
        var payment = Ids.Received("a", "ref");
        Tell(GrainKeys.Payment(payment), new RecordReceived { Account = "a", Amount = due, Reference = "ref", Invoice = invoice, Test = true });
        return payment;
    }

    private void Tell(string key, Message message)
    {
        _world.Tell(key, message, reply => Assert.IsType<Done>(reply));
        Check();
    }

    private void Check()
    {
        _world.Run();
        _net.AfterStep();
    }

    private IdempotencyKey Key() => new($"key-{++_keys}", "content");
}
