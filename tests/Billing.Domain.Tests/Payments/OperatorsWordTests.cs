namespace Billing.Domain.Tests;

/// <summary>An operator may say with evidence that a charge was captured; a later word of the gateway wins.</summary>
public sealed class OperatorsWordTests
{
    [Theory]
    [InlineData(AttemptOutcome.Declined)]
    [InlineData(AttemptOutcome.Cancelled)]
    public void Captured_TheGatewaySaysItWasNot_IsDueAgain(AttemptOutcome outcome)
    {
        var (world, payment) = Resolved();

        world.Settle(world.Gateway.Charges[0], outcome);

        Assert.Equal((100, 100), (world.Payment(payment).Reversed!.Value.MinorUnits, world.Invoice("I1").Due!.Value.MinorUnits));
        Assert.Empty(world.Differences());
        Assert.Empty(Invariants.Broken(world.Account()));
        Assert.Null(PaymentRules.Due(world.Payment(payment)));
    }

    [Theory]
    [InlineData(60, 40, 0)]
    [InlineData(100, 0, 0)]
    [InlineData(130, 0, 30)]
    public void Captured_TheGatewaySaysHowMuch_ThatIsWhatIsBooked(long captured, long due, long prepayment)
    {
        var (world, payment) = Resolved();

        world.Settle(world.Gateway.Correct(world.Gateway.Charges[0], world.InCurrency(captured)), AttemptOutcome.Succeeded);

        Assert.Equal((due, prepayment), (world.Invoice("I1").Due!.Value.MinorUnits, world.Account().Prepayment.Sum(lot => lot.Amount.MinorUnits)));
        Assert.Equal(captured, PaymentMoney.Left(world.Payment(payment)).MinorUnits);
        Assert.Empty(Invariants.Broken(world.Account()));
        Assert.Null(PaymentRules.Due(world.Payment(payment)));
    }

    [Fact]
    public void Captured_IsAskedOn_AndTheGatewaysAnswerWins()
    {
        var (world, payment) = Resolved();
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
        world.Gateway.Settle(world.Gateway.Charges[0], AttemptOutcome.Declined, world.Now);

        world.Go("3d");

        Assert.Equal(100, world.Invoice("I1").Due!.Value.MinorUnits);
        Assert.Equal(AttemptOutcome.Declined, world.Payment(payment).Newest!.Outcome);
    }

    [Fact]
    public void Captured_SentBackInPart_TakesBackTheRestAlone()
    {
        var (world, payment) = Resolved();
        world.Refund(payment, 30, reopen: false, out _);

        world.Settle(world.Gateway.Charges[0], AttemptOutcome.Declined);

        Assert.Equal(100, (world.Payment(payment).Reversed!.Value + (world.Payment(payment).Refunded ?? world.InCurrency(0))).MinorUnits);
        Assert.Empty(Invariants.Broken(world.Account()));
    }

    [Fact]
    public void Captured_DeclinedAndCapturedAfterAll_IsPaid()
    {
        var (world, _) = Resolved();
        world.Settle(world.Gateway.Charges[0], AttemptOutcome.Declined);

        world.Settle(world.Gateway.Charges[0], AttemptOutcome.Succeeded);

        // It is prepayment again, and pays the invoice at its due time.
        world.Go("9d");
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
        Assert.Empty(world.Differences());
    }

    /// <summary>A bank debit is under way for thirty hours, and an operator says that it was captured.</summary>
    private static (World World, string Payment) Resolved()
    {
        var world = World.With("""{"standings": []}""").Issue("I1", 100, Collection.Manual, Days.At("9d"));
        world.PayWith(["processing"], MethodKind.Bank, "I1");
        world.Go("30h");
        var payment = world.Gateway.Charges[0].Payment;
        world.Accept(world.Tell(GrainKeys.Payment(payment), new ResolvePayment(AttemptOutcome.Succeeded, "the bank's letter", world.NextKey())));
        return (world, payment);
    }
}
