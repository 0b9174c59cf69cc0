namespace Billing.Domain.Tests;

/// <summary>One charge in flight for an invoice, by construction; who finds it reserved waits.</summary>
public sealed class ReservationTests
{
    private static readonly string Ladder = Some.Standings("""{"retry_after": ["1d", "2d", "3d"]}""", ("late", """{"retries_exhausted": true}"""));

    [Fact]
    public void Pay_WhileARungIsProcessing_IsRefused()
    {
        var world = World.With(Ladder).Method("card", "processing").Issue("I1", 100);

        AssertInFlight(world.PayWith("ok", "I1"), "I1~0");
        AssertInFlight(world.PayWith("ok"), "I1~0");
        AssertInFlight(world.Void("I1"), "I1~0");
        Assert.Equal(1, world.Gateway.Submissions);
    }

    [Fact]
    public void Pay_TwiceBeforeAnythingWasSent_TheSecondIsRefused()
    {
        var world = World.With(Ladder).Issue("I1", 100, Collection.Manual, Days.At("1d"));
        world.Gateway.Script("a", "ok");
        Pay Command(string key) => new() { Payment = $"pay_{key}", Key = Some.Key(key), OneOff = new MethodCandidate(null, "sandbox", "a", MethodKind.Card) };

        Assert.IsType<Done>(world.Begin(GrainKeys.Account(Some.Account), Command("1")));
        Assert.Equal(Problems.PaymentInFlight, Assert.IsType<Refused>(world.Begin(GrainKeys.Account(Some.Account), Command("2"))).Code);
        world.Drain();
        Assert.Equal(Problems.NothingDue, Assert.IsType<Refused>(world.TellAccount(Command("3"))).Code);
        Assert.Equal(1, world.Gateway.Submissions);
    }

    [Theory]
    [InlineData("timeout", "ok")] // Found absent at 15 min, it would be tried once more.
    [InlineData("error", "ok")] // After 5 min it would be tried again.
    public void Payment_WhoseInvoiceOtherMoneyPaid_SubmitsNothingMore(string first, string second)
    {
        var world = World.With(Ladder).Method("card", "decline:x", first, second).Issue("I1", 100).Go("1d");
        var late = world.Gateway.Settle(world.Gateway.Charges[0], AttemptOutcome.Succeeded, world.Now).Report;

        world.Tell(GrainKeys.Payment("I1~0"), late);
        world.Go("2d");

        Assert.Equal(2, world.Gateway.Submissions);
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
        Assert.Empty(world.Account().Payments);
        Assert.Empty(world.Account().Prepayment);
        Assert.Equal(PaymentStatus.Failed, world.Payment("I1~1").Status);
    }

    [Fact]
    public void PayAll_SomeReserved_TakesTheFreeOnes()
    {
        var world = World.With(Ladder).Method("card", "decline:x", "decline:x", "processing", "decline:x").Issue("I1", 100).Issue("I2", 200).Go("1d");
        Assert.Equal("I1~1", world.Account().Invoices.Find("I1")!.ReservedBy);

        world.Go("1d");
        world.Accept(world.PayWith("processing"));
        Assert.NotNull(world.Account().Invoices.Find("I2")!.ReservedBy);
    }

    [Fact]
    public void PayAll_NoneUnpaid_TakesAllThatIsOpen()
    {
        var world = World.With(Ladder).Issue("I1", 100, Collection.Manual, Days.At("5d")).Issue("I2", 200, Collection.Manual, Days.At("6d"));

        world.Accept(world.PayWith("ok"));
        Assert.Equal(Some.Dollars(300), Assert.Single(world.Gateway.Charges).Amount);
    }

    [Fact]
    public void PayAll_SomeUnpaid_LeavesThePendingOnesAlone()
    {
        var world = World.With(Ladder).Issue("I1", 100, Collection.Manual, Days.At("5d")).Issue("I2", 200, Collection.Manual, Days.At("6d")).Go("5d");

        world.Accept(world.PayWith("ok"));
        Assert.Equal(Some.Dollars(100), Assert.Single(world.Gateway.Charges).Amount);
    }

    [Theory]
    [InlineData("processing_fail:6h", "failed,failed", "1d6h")]
    [InlineData("processing_fail:30h", "failed,missed,failed", "2d6h")]
    [InlineData("processing_fail:60h", "failed,missed,missed,failed", "3d12h")]
    [InlineData("processing_ok:60h", "failed,missed,missed,paid", "3d12h")]
    public void Rung_DueBehindALivePayment_WaitsAndOnlyTheLastRuns(string byHand, string ladder, string at)
    {
        var world = World.With(Ladder).Method("card", "decline:x").Issue("I1", 100).Go("1d-1ms");
        world.Accept(PayAt(world, byHand));

        world.Go(at);
        Assert.Equal(ladder, string.Join(",", world.Invoice("I1").Ladder.OrderBy(rung => rung.Rung).Select(rung => rung.Result.ToString().ToLowerInvariant())));
        Assert.Equal(ladder.Count(c => c == ',') + 1, world.Events.Count(e => e.Type == "rung.ended"));
    }

    [Theory]
    [InlineData("processing_fail:1h", "1h")]
    [InlineData("processing_ok:1h", "1h")]
    public void Rung_ThatWouldGoOnAfterAnErrorBehindALivePayment_GoesOnWhenThatEnds(string byHand, string later)
    {
        var world = World.With(Ladder).Method("card", "error", "ok").Issue("I1", 100).Go("1m");
        world.Accept(PayAt(world, byHand));

        world.Go(later + "1m");
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
        Assert.Equal(100, world.Gateway.Charges.Where(charge => charge.Outcome == AttemptOutcome.Succeeded).Sum(charge => charge.Amount.MinorUnits));
        Assert.Equal(RungResult.Paid, Assert.Single(world.Invoice("I1").Ladder).Result);
        Assert.Empty(world.Account().Payments);
    }

    [Fact]
    public void Release_TheNameWasTaken_FreesTheInvoiceAndAppliesNothing()
    {
        var world = World.With(Ladder, clock: null).Issue("I1", 100, Collection.Manual, Days.At("1d")).Issue("I2", 100, Collection.Manual, Days.At("1d"));
        world.Gateway.Script("a", "ok");
        var pay = new Pay { Payment = "pay_x", Key = Some.Key("k"), Invoices = ["I1"], OneOff = new MethodCandidate(null, "sandbox", "a", MethodKind.Card) };
        world.Accept(world.TellAccount(pay));
        world.Go("2d");

        world.Accept(world.TellAccount(pay with { Invoices = ["I2"] }));
        Assert.Null(Assert.Single(world.Account().Invoices).ReservedBy);
        Assert.Empty(world.Account().Payments);
        Assert.Single(world.Gateway.Charges);
    }

    [Fact]
    public void Pay_TheSameNameWhileItIsStillLive_IsThatPayment()
    {
        var world = World.With(Ladder, clock: null).Issue("I1", 100, Collection.Manual, Days.At("1d"));
        world.Gateway.Script("a", "processing_ok:9d");
        var pay = new Pay { Payment = "pay_x", Key = Some.Key("k"), OneOff = new MethodCandidate(null, "sandbox", "a", MethodKind.Card) };
        world.Accept(world.TellAccount(pay));
        world.Go("3d").Issue("I2", 200, Collection.Manual, Days.At("4d"));

        Assert.True(Assert.IsType<Done>(world.TellAccount(pay)).Replayed);
        Assert.Equal(Problems.IdempotencyMismatch, Assert.IsType<Refused>(world.TellAccount(pay with { Key = Some.Key("k", "other") })).Code);
        world.Go("10d");
        Assert.Equal(["I2"], world.Account().Invoices.Select(invoice => invoice.Id));
    }

    [Fact]
    public void RemoveMethod_ThatALivePaymentMayStillUse_IsRefused()
    {
        var world = World.With("""{"collection": {"methods": "default_then_others"}}""").Method("a", "decline:x").Method("b", "processing").Method("c", "ok").Issue("I1", 100);

        AssertInFlight(world.TellAccount(new RemovePaymentMethod("b")), "I1~0");
        AssertInFlight(world.TellAccount(new RemovePaymentMethod("c")), "I1~0");
        world.Accept(world.TellAccount(new RemovePaymentMethod("a")));
    }

    [Fact]
    public void Pay_OfLessThanTheMinimum_IsToldSo()
    {
        var world = World.With("""{"collection": {"minimum": {"USD": 100}}, "standings": []}""").Issue("I1", 99, Collection.Manual, Days.At("1d"));
        var refused = Assert.IsType<Refused>(world.PayWith("ok", "I1"));

        Assert.Equal(Problems.NothingDue, refused.Code);
        Assert.Contains("minimum", refused.Detail, StringComparison.Ordinal);
        world.Issue("I2", 1, Collection.Manual, Days.At("1d"));
        world.Accept(world.PayWith("ok"));
    }

    /// <summary>Refused, and the payment that stands in the way is named for a program.</summary>
    private static void AssertInFlight(Reply reply, string payment)
    {
        var refused = Assert.IsType<Refused>(reply);
        Assert.Equal((Problems.PaymentInFlight, payment), (refused.Code, refused.Payment));
    }

    private static Reply PayAt(World world, string step) => world.PayWith(step, "I1");
}
