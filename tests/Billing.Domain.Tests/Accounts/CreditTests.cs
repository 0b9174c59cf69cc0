namespace Billing.Domain.Tests;

/// <summary>Prepayment goes to an invoice at the instant it becomes unpaid, before any step is taken.</summary>
public sealed class CreditTests
{
    private static readonly string Late = Some.Standings("""{"retry_after": ["1d"]}""", ("late", """{"collection_failed": true}"""));

    [Theory]
    [InlineData(Some.Clock)]
    [InlineData(null)]
    public void Prepayment_AManualInvoiceComesDue_PaysItBeforeAnyStep(string? clock)
    {
        var world = WithPrepayment(1000, clock);
        world.Issue("I2", 900, Collection.Manual, Days.At("10d")).Go("11d");

        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I2").Status);
        Assert.Empty(world.Timeline());
        Assert.Equal(Some.Dollars(100), world.View().Prepayment);
    }

    [Fact]
    public void Prepayment_AManualInvoiceComesDueAndNobodyWakes_TheGateSaysGood()
    {
        var world = WithPrepayment(1000, clock: null);
        world.Issue("I2", 900, Collection.Manual, Days.At("10d"));
        Assert.Null(world.View().Next);

        world.SleepUntil(Days.At("40d"));
        Assert.Equal("good", world.Standing());
        Assert.Equal(Some.Dollars(0), world.View().AmountDue);
        Assert.Equal(Some.Dollars(100), world.View().Prepayment);

        world.Happen();
        Assert.Empty(world.Timeline());
    }

    [Fact]
    public void RefundCredit_OfMoneyReceivedElsewhere_AsksAHumanToSendIt()
    {
        var world = World.With("""{"standings": []}""");
        world.Accept(world.Receive("cheque-7", 500));

        world.Accept(world.TellAccount(new RefundCredit(world.InCurrency(200), world.NextKey())));

        var payment = world.Payment($"{Some.Account}~received~cheque-7");
        var entry = Assert.Single(payment.Attention);
        Assert.Equal(("refund_elsewhere", Assert.Single(payment.Refunds).Id), (entry.Kind, entry.Subject));
        Assert.Contains("2.00", entry.What, StringComparison.Ordinal);
        Assert.Contains(payment.Id, entry.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Promo_ExpiringTogether_TheOldestIsSpentFirst()
    {
        var world = World.With("""{"standings": []}""").Method("a", "ok");
        var ends = Days.At("9d");
        world.Accept(world.TellAccount(new GrantCredit("older", CreditKind.Promo, Some.Dollars(100), ends, world.NextKey())));
        world.Go("1d").Accept(world.TellAccount(new GrantCredit("newer", CreditKind.Promo, Some.Dollars(100), ends, world.NextKey())));

        world.Issue("I1", 150);

        var left = Assert.Single(world.Account().Promo);
        Assert.Equal(("newer", Some.Dollars(50)), (left.Id, left.Amount));
    }

    [Fact]
    public void Prepayment_CoversAPart_TheRestIsUnpaid()
    {
        var world = WithPrepayment(1000, clock: null);
        world.Issue("I2", 1500, Collection.Manual, Days.At("10d")).Go("11d");

        Assert.Equal(Some.Dollars(500), world.View().AmountUnpaid);
        Assert.Equal([(Days.At("10d"), "late")], world.Timeline());
    }

    [Fact]
    public void Prepayment_SeveralUnpaid_OldestDueFirst()
    {
        var world = World.With(Late);
        world.Issue("I1", 100, Collection.Manual, Days.At("3d")).Issue("I2", 100, Collection.Manual, Days.At("2d")).Issue("I3", 100, Collection.Manual, Days.At("2d")).Go("4d");
        world.Issue("X", 250, Collection.Manual, Days.At("30d"));
        world.Accept(world.PayWith("processing", "X"));

        // The gateway captured twice what was asked.
        var payment = Assert.Single(world.Payments);
        world.Tell(GrainKeys.Payment(payment.Id), new GatewayReported("e", 1, AttemptOutcome.Succeeded, null, Some.Dollars(500), null, world.Now));
        Assert.Equal([("I1", 50L)], world.Account().Invoices.Select(invoice => (invoice.Id, invoice.Due.MinorUnits)));
    }

    [Fact]
    public void Pay_PrepaymentCoversIt_NeedsNoMethod()
    {
        var world = WithPrepayment(1000, clock: null);
        world.Accept(world.TellAccount(new RemovePaymentMethod("card")));
        world.Issue("I2", 1000, Collection.Manual, Days.At("10d"));
        var before = world.Gateway.Submissions;

        world.Accept(world.Pay(null, "I2"));
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I2").Status);
        Assert.Equal(before, world.Gateway.Submissions);
    }

    [Fact]
    public void Pay_PrepaymentCoversAPart_StaysAppliedWhenTheChargeIsDeclined()
    {
        var world = WithPrepayment(1000, clock: null);
        world.Issue("I2", 1500, Collection.Manual, Days.At("10d"));

        world.Accept(world.PayWith("decline:insufficient_funds", "I2"));
        Assert.Equal(Some.Dollars(500), world.Account().Invoices[0].Due);
        Assert.Equal(Some.Dollars(0), world.View().Prepayment);
        Assert.Equal(Some.Dollars(500), world.Gateway.Charges[^1].Amount);
    }

    [Fact]
    public void Void_WhatWasPaid_IsPrepaymentAgain()
    {
        var world = WithPrepayment(1000, clock: null);
        world.Issue("I2", 1500, Collection.Manual, Days.At("10d"));
        world.Accept(world.PayWith("decline:insufficient_funds", "I2"));

        world.Accept(world.Void("I2"));
        Assert.Equal(Some.Dollars(1000), world.View().Prepayment);
        Assert.Equal(InvoiceStatus.Void, world.Invoice("I2").Status);
    }

    [Fact]
    public void Capture_ForAnInvoiceThatIsPaid_IsPrepayment()
    {
        var world = WithPrepayment(1000, clock: null);

        Assert.Equal(Some.Dollars(1000), world.View().Prepayment);
        Assert.Equal(Some.Dollars(1000), world.Payment("I1~0").Prepayment);
    }

    [Fact]
    public void Capture_Surplus_PaysAtOnceWhatIsUnpaidAndFree()
    {
        var world = World.With(Late, clock: null).Method("card", "processing", "decline:insufficient_funds");
        world.Issue("I1", 1000).Issue("I2", 600);
        Assert.Equal("late", world.Standing());

        // The gateway captured more than was asked.
        world.Tell(GrainKeys.Payment("I1~0"), new GatewayReported("e", 1, AttemptOutcome.Succeeded, null, Some.Dollars(1500), null, Days.Start));
        Assert.Equal([("I2", 100L)], world.Account().Invoices.Select(invoice => (invoice.Id, invoice.Due.MinorUnits)));
    }

    /// <summary>Its rung 0 failed, it was paid by hand, and then the gateway says that it did capture.</summary>
    private static World WithPrepayment(long amount, string? clock)
    {
        var world = World.With(Late, clock: clock).Method("card", "timeout", "decline:insufficient_funds").Issue("I1", amount).Go("30m");
        world.Accept(world.PayWith("ok", "I1"));
        world.Tell(GrainKeys.Payment("I1~0"), new GatewayReported("e", 1, AttemptOutcome.Succeeded, null, Some.Dollars(amount), null, world.Now));
        Assert.Equal(Some.Dollars(amount), world.View().Prepayment);
        world.Events.Clear();
        return world;
    }
}
