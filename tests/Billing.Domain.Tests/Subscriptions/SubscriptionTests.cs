using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>What the calls answer: making, changing and ending a subscription, adding a charge.</summary>
public sealed class SubscriptionTests
{
    [Theory]
    [InlineData("10d-1ms", false)]
    [InlineData("10d", true)]
    [InlineData("10d1ms", true)]
    public void Put_StartsAt_MustNotBeInThePast(string startsAt, bool isFine) =>
        AssertReply(Ledger.Interval("14d").Subscribe("10d", startsAt: startsAt), isFine ? null : Problems.InvalidRequest, "starts_at");

    [Fact]
    public void Put_TheSameAgainAfterItsStart_IsNoError()
    {
        var ledger = Ledger.Interval("14d");
        ledger.Subscribe("0d", startsAt: "1d");
        ledger.Go("2d");
        Assert.True(Assert.IsType<Done>(ledger.Subscribe("3d", startsAt: "1d")).Replayed);
        AssertReply(ledger.Subscribe("3d", startsAt: "9d"), Problems.InvalidRequest, "starts_at");
    }

    [Fact]
    public void Put_AheadOfItsStart_MayMoveIt()
    {
        var ledger = Ledger.Interval("14d");
        ledger.Subscribe("0d", startsAt: "5d");
        ledger.Subscribe("1d", startsAt: "7d");
        Assert.Equal(Days.At("7d"), ledger.Next);
    }

    [Fact]
    public void Put_NewWithoutPlanAndAmount_NamesBoth()
    {
        var reply = Ledger.Interval("14d").Do(Days.Start, draft => Subscriptions.Put(draft, new PutSubscription("S", null, null, null)));
        Assert.Equal(["plan", "amount"], Assert.IsType<Refused>(reply).Errors.Select(error => error.Path));
    }

    [Fact]
    public void Put_AnotherCurrency_IsRefused()
    {
        var reply = Ledger.Interval("14d").Do(Days.Start, draft => Subscriptions.Put(draft, new PutSubscription("S", "pro", new Money(1, Currency.Parse("EUR")), null)));
        AssertReply(reply, Problems.InvalidRequest, "amount");
    }

    [Fact]
    public void Put_PolicyWithoutCycle_IsRefused() => AssertReply(Ledger.With(null).Subscribe("0d"), Problems.InvalidRequest, "plan");

    [Fact]
    public void Put_OneThatHasEnded_DoesNotComeBack()
    {
        var ledger = Ledger.Interval("14d").Active("0d");
        ledger.Cancel("1d");
        AssertReply(ledger.Subscribe("2d"), Problems.IdTaken);
    }

    [Fact]
    public void Put_AtMostAHundredThatHaveNotEnded()
    {
        var ledger = Ledger.Interval("14d");
        for (var n = 0; n < 100; n++) AssertReply(ledger.Subscribe("0d", $"S{n}"), null);
        AssertReply(ledger.Subscribe("0d", "S100"), Problems.TooMany);
        ledger.Cancel("1d", "S7");
        AssertReply(ledger.Subscribe("1d", "S100"), null);
    }

    [Fact]
    public void Put_ManyThatHaveEnded_TheOldestAreForgotten()
    {
        var ledger = Ledger.Interval("14d");
        for (var n = 0; n < 150; n++)
        {
            ledger.Subscribe("0d", $"S{n}");
            ledger.Cancel("0d", $"S{n}");
        }

        Assert.InRange(ledger.State.Subscriptions.Length, 100, 102);
        Assert.NotNull(ledger.Subscription("S149"));
        Assert.Null(ledger.Subscription("S0"));
    }

    [Fact]
    public void Cancel_TakesEffectAtOnce_AndWhatIsOwedStaysOwed()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Go("14d");
        AssertReply(ledger.Cancel("15d"), null);
        Assert.Equal((SubscriptionStatus.Cancelled, null), (ledger.View().Status, ledger.View().NextBillingAt));
        Assert.Single(ledger.State.Invoices);
        Assert.Equal([Days.At("15d")], ledger.EventsOf("subscription.cancelled"));
        Assert.Null(ledger.Next);

        Assert.True(Assert.IsType<Done>(ledger.Cancel("16d")).Replayed);
        Assert.Single(ledger.EventsOf("subscription.cancelled"));
        AssertReply(ledger.Cancel("16d", "unknown"), Problems.NotFound);
    }

    [Fact]
    public void Cancel_VoidOpen_VoidsWhatBillsItAlone()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Go("14d").Invoice("15d", "X", "T");
        ledger.Cancel("15d", voidOpen: true);
        Assert.Equal(["acme~S~20260315T000000Z"], ledger.Voided);

        var shared = Ledger.Calendar().Active("0d").Active("0d", "T").Go("31d");
        shared.Cancel("32d", voidOpen: true);
        Assert.Empty(shared.Voided);
        Assert.Single(shared.State.Invoices);
    }

    [Fact]
    public void Cancel_VoidOpenWhileAPaymentIsUnderWay_ChangesNothing()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Go("14d");
        ledger.Do(Days.At("14d"), draft => draft.Keep(draft.State.Invoices[0] with { ReservedBy = "pay_1" }));
        AssertReply(ledger.Cancel("15d", voidOpen: true), Problems.PaymentInFlight);
        Assert.Equal(SubscriptionStatus.Active, ledger.View().Status);
        AssertReply(ledger.Cancel("15d"), null);
    }

    [Fact]
    public void End_WithItsCancelledInvoice_CountsFromTheCancellation()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Go("14d");
        ledger.Do(Days.At("22d"), draft => Subscriptions.End(draft, "S", Days.At("21d")));
        ledger.Do(Days.At("22d"), draft => Subscriptions.End(draft, "S", Days.At("22d")));
        Assert.Equal([Days.At("21d")], ledger.EventsOf("subscription.cancelled"));
    }

    [Fact]
    public void Charge_IntervalCycle_NeedsASubscriptionToRenew()
    {
        var ledger = Ledger.Interval("14d");
        AssertReply(ledger.Charge("0d"), Problems.InvalidRequest);
        ledger.Subscribe("0d");
        AssertReply(ledger.Go("0d").Charge("0d"), Problems.InvalidRequest);
        ledger.Pay("1d").Invoice("1d", "X", "S").Unpaid("1d", "X");
        AssertReply(ledger.Charge("2d"), null);
        ledger.Cancel("3d");
        AssertReply(ledger.Charge("3d"), Problems.InvalidRequest);
        Assert.Equal("charges_wait", Assert.Single(ledger.State.Attention).Kind);

        // They are owed still: the next subscription's renewal carries them.
        ledger.Active("4d", "T", 900);
        Assert.Equal([2900, 900, 1000], ledger.Go("18d").Nets);
        Assert.Empty(ledger.State.Attention);
    }

    [Fact]
    public void Charge_PolicyWithoutCycle_IsRefused() => AssertReply(Ledger.With(null).Charge("0d"), Problems.InvalidRequest);

    [Theory]
    [InlineData("14d-1ms", 3000, 2900)]
    [InlineData("14d", 2900, 3000)]
    [InlineData("14d1ms", 2900, 3000)]
    public void Charge_IntervalCycle_RidesOnTheRenewalAfterIt(string at, long first, long second)
    {
        var ledger = Ledger.Interval("14d").Active("0d").Go(at);
        ledger.Charge(at);
        Assert.Equal([2900, first, second], ledger.Go("28d").Nets);
    }

    [Fact]
    public void Charge_SeveralRenewalsAtOnce_RidesOnOne()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Active("0d", "T");
        ledger.Charge("1d");
        Assert.Equal([2900, 2900, 3000, 2900], ledger.Go("14d").Nets);
    }

    [Fact]
    public void Charge_ARenewalThatIsSkipped_ItGoesOnWaiting()
    {
        var ledger = Ledger.Interval("14d", WhileUnpaid.Skip).Active("0d").Go("14d").Unpaid("14d");
        AssertReply(ledger.Charge("15d"), null);
        ledger.Go("30d").Pay("30d");
        Assert.Equal([2900, 2900, 3000], ledger.Go("42d").Nets);
    }

    [Fact]
    public void Charge_AtMostFiveHundredWait()
    {
        var ledger = Ledger.Calendar();
        for (var n = 0; n < 500; n++) AssertReply(ledger.Charge("0d", id: $"c{n}"), null);
        AssertReply(ledger.Charge("0d", id: "c500"), Problems.TooMany);
        Assert.True(Assert.IsType<Done>(ledger.Charge("0d", id: "c7")).Replayed);
        Assert.Equal(50_000, Assert.Single(ledger.Go("31d").Made).Content.Net);
    }

    [Fact]
    public void Names_OfTheLongestIds_StayWithinTheirBound()
    {
        var id = new string('a', Ids.MaxLength);
        var name = RenewalNames.OfPeriod(id, id, Days.Start + Duration.Epsilon);
        Assert.EndsWith("~20260301T000000.000000001Z", name, StringComparison.Ordinal);
        Assert.InRange(name.Length, 1, Ids.MaxDerivedLength);
    }

    private static void AssertReply(Reply reply, string? code, string? path = null)
    {
        Assert.Equal(code, (reply as Refused)?.Code);
        if (code is not null && path is not null) Assert.Equal(path, Assert.Single(((Refused)reply).Errors).Path);
    }
}
