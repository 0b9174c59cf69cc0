using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>An interval cycle bills each subscription in advance, in its own rhythm from the capture that completed it.</summary>
public sealed class IntervalTests
{
    [Fact]
    public void First_IsIssuedAtOnce_AndTheSubscriptionIsIncompleteUntilItIsPaid()
    {
        var ledger = Ledger.Interval("14d");
        ledger.Subscribe("0d");
        Assert.Equal(Days.Start, ledger.Next);
        ledger.Go("0d");

        var (id, content, _) = Assert.Single(ledger.Made);
        Assert.Equal("acme~S~20260301T000000Z", id);
        Assert.Equal(["S"], content.Subscriptions.AsEnumerable());
        Assert.Equal(2900, content.Net);
        Assert.Equal((SubscriptionStatus.Incomplete, null), (ledger.View().Status, ledger.View().NextBillingAt));
        Assert.Null(ledger.Next);

        ledger.Go("90d");
        Assert.Single(ledger.Made);
        ledger.Pay("90d");
        Assert.Equal((SubscriptionStatus.Active, Days.At("104d")), (ledger.View().Status, ledger.View().NextBillingAt));
        Assert.Equal([Days.At("90d")], ledger.EventsOf("subscription.activated"));
    }

    [Theory]
    [InlineData("5d-1ms", 0)]
    [InlineData("5d", 1)]
    [InlineData("5d1ms", 1)]
    public void First_StartsAhead_IsIssuedThen(string until, int made)
    {
        var ledger = Ledger.Interval("14d");
        ledger.Subscribe("0d", startsAt: "5d");
        Assert.Equal(Days.At("5d"), ledger.View().NextBillingAt);
        Assert.Equal(made, ledger.Go(until).Made.Count);
    }

    [Fact]
    public void First_NothingToPay_CompletesAtIssue()
    {
        var ledger = Ledger.Interval("14d").Active("0d", amount: 0);
        Assert.Equal(Days.At("14d"), ledger.View().NextBillingAt);
        Assert.Equal(2, ledger.Go("14d").Made.Count);
    }

    [Fact]
    public void First_CancelledSubscription_IsNotCompletedByPaying()
    {
        var ledger = Ledger.Interval("14d");
        ledger.Subscribe("0d");
        ledger.Go("0d");
        ledger.Cancel("1d");
        ledger.Pay("2d");
        Assert.Equal(SubscriptionStatus.Cancelled, ledger.View().Status);
        Assert.Null(ledger.Next);
    }

    [Theory]
    [InlineData("14d-1ms", 1)]
    [InlineData("14d", 2)]
    [InlineData("14d1ms", 2)]
    [InlineData("28d", 3)]
    public void Renewal_IsIssuedWhenThePeriodEnds(string until, int made)
    {
        var ledger = Ledger.Interval("14d").Active("0d").Go(until);
        Assert.Equal(made, ledger.Made.Count);
        Assert.Equal(made - 1, ledger.EventsOf("subscription.renewed").Count());
    }

    [Fact]
    public void Renewal_RunsFromTheCapture_NotFromWhenWeLearntOfIt()
    {
        var ledger = Ledger.Interval("14d");
        ledger.Subscribe("0d");
        ledger.Go("0d").Pay("9d", capturedAt: "2d");
        Assert.Equal(Days.At("16d"), ledger.View().NextBillingAt);
    }

    [Fact]
    public void Renewal_ACaptureBeforeTheInvoice_CountsFromTheInvoice()
    {
        var ledger = Ledger.Interval("14d");
        ledger.Subscribe("1d");
        ledger.Go("1d").Pay("1d", capturedAt: "0d");
        Assert.Equal(Days.At("15d"), ledger.View().NextBillingAt);
    }

    [Fact]
    public void Renewal_WokenLate_BillsEachMissedPeriodNow()
    {
        var ledger = Ledger.Interval("7d").Active("0d").Go("30d", late: true);
        Assert.Equal(
            ["acme~S~20260301T000000Z", "acme~S~20260308T000000Z", "acme~S~20260315T000000Z", "acme~S~20260322T000000Z", "acme~S~20260329T000000Z"],
            ledger.Made.Select(item => item.Id));
        Assert.All(ledger.Made.Skip(1), item => Assert.Equal(Days.At("30d"), item.At));
        Assert.Equal(Days.At("35d"), ledger.Next);
    }

    [Fact]
    public void Renewal_FoundTwice_IsIssuedOnce()
    {
        var ledger = Ledger.Interval("7d").Active("0d");
        ledger.Bill(Days.At("7d"), Days.At("7d"));
        ledger.Bill(Days.At("7d"), Days.At("7d"));
        Assert.Equal(2, ledger.Made.Count);
    }

    [Fact]
    public void Renewal_NewAmount_CountsFromTheNext()
    {
        var ledger = Ledger.Interval("14d").Active("0d");
        ledger.Subscribe("3d", amount: 1900);
        Assert.Equal([2900, 1900], ledger.Go("14d").Nets);
    }

    [Fact]
    public void Renewal_TwoSubscriptionsAtOneInstant_TwoInvoices()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Active("0d", "T").Go("14d");
        Assert.Equal(["acme~S~20260315T000000Z", "acme~T~20260315T000000Z"], ledger.Made.Skip(2).Select(item => item.Id));
    }

    [Fact]
    public void PastDue_Renew_BillsAsAlways()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Go("14d").Unpaid("14d").Go("28d");
        Assert.Equal(3, ledger.Made.Count);
        Assert.Equal(SubscriptionStatus.PastDue, ledger.View().Status);
    }

    [Theory]
    [InlineData("20d", "28d")]
    [InlineData("28d-1ms", "28d")]
    [InlineData("28d1ms", "42d")]
    [InlineData("41d", "42d")]
    [InlineData("60d", "70d")]
    public void PastDue_SkipAndKeep_PaidGoesOnInTheOldRhythm(string paidAt, string next)
    {
        var ledger = Ledger.Interval("14d", WhileUnpaid.Skip).Active("0d").Go("14d").Unpaid("14d").Go(paidAt);
        Assert.Equal(2, ledger.Made.Count);
        Assert.Equal(Days.At("28d"), ledger.View().CurrentPeriodEnd);
        ledger.Pay(paidAt);

        Assert.Equal((SubscriptionStatus.Active, Days.At(next), Days.At(next)), (ledger.View().Status, ledger.View().NextBillingAt, ledger.View().CurrentPeriodEnd));
        Assert.Equal(3, ledger.Go(next).Made.Count);
        Assert.Equal(Days.At(next) + Duration.FromDays(14), ledger.Next);
    }

    [Theory]
    [InlineData(false, 3, "42d")]
    [InlineData(true, 2, "42d")]
    public void PastDue_PaidOnADateOfTheRhythm_OutcomesComeBeforeRenewalsAndCommandsAfter(bool byCommand, int made, string next)
    {
        var ledger = Ledger.Interval("14d", WhileUnpaid.Skip).Active("0d").Go("14d").Unpaid("14d");
        if (byCommand) ledger.Go("28d").Pay("28d");
        else ledger.Pay("28d").Go("28d");
        Assert.Equal((made, Days.At(next)), (ledger.Made.Count, ledger.Next));
    }

    [Fact]
    public void PastDue_Skipped_ShowsNoNextBilling()
    {
        var ledger = Ledger.Interval("14d", WhileUnpaid.Skip).Active("0d").Go("14d").Unpaid("14d").Go("28d");
        Assert.Null(ledger.View().NextBillingAt);
    }

    [Theory]
    [InlineData("20d", "34d")]
    [InlineData("28d", "42d")]
    [InlineData("60d", "74d")]
    public void PastDue_SkipAndRestart_ThePeriodRestartsAtTheCapture(string paidAt, string next)
    {
        var ledger = Ledger.Interval("14d", WhileUnpaid.Skip, PeriodRecovery.RestartAtPayment).Active("0d").Go("14d").Unpaid("14d").Go(paidAt).Pay(paidAt);
        Assert.Equal(Days.At(next), ledger.View().NextBillingAt);
        Assert.Equal(Days.At(next), ledger.View().CurrentPeriodEnd);
        Assert.Equal(3, ledger.Go(next).Made.Count);
    }

    [Fact]
    public void Restart_PaidInTime_MovesNothing()
    {
        var ledger = Ledger.Interval("14d", WhileUnpaid.Skip, PeriodRecovery.RestartAtPayment).Active("0d").Go("14d").Pay("16d");
        Assert.Equal(Days.At("28d"), ledger.View().NextBillingAt);
    }

    [Theory]
    [InlineData("27d", "28d")]
    [InlineData("30d", "44d")]
    public void Restart_AnInvoiceOfAnotherKindPaidLate_OnlyWhereARenewalWasSkipped(string paidAt, string next)
    {
        var ledger = Ledger.Interval("14d", WhileUnpaid.Skip, PeriodRecovery.RestartAtPayment).Active("0d").Go("14d").Pay("14d");
        ledger.Invoice("15d", "X", "S").Unpaid("15d", "X").Go(paidAt).Pay(paidAt, "X");
        Assert.Equal(Days.At(next), ledger.View().NextBillingAt);
    }

    [Fact]
    public void PastDue_AnInvoiceOfAnotherSubscription_SkipsOnlyThat()
    {
        var ledger = Ledger.Interval("14d", WhileUnpaid.Skip).Active("0d").Active("0d", "T").Invoice("1d", "X", "T").Unpaid("1d", "X").Go("14d");
        Assert.Equal("acme~S~20260315T000000Z", ledger.Made[^1].Id);
        Assert.Equal(3, ledger.Made.Count);
    }

    [Fact]
    public void PastDue_VoidedOrWrittenOff_GoesOnLikePaid()
    {
        var ledger = Ledger.Interval("14d", WhileUnpaid.Skip, PeriodRecovery.RestartAtPayment).Active("0d").Go("14d").Unpaid("14d").Go("30d");
        ledger.Do(Days.At("30d"), draft => draft.Keep(draft.State.Invoices[0] with { IsWrittenOff = true }));
        Assert.Equal((SubscriptionStatus.Active, Days.At("42d")), (ledger.View().Status, ledger.View().NextBillingAt));
    }

    [Fact]
    public void PastDue_SaysSoOnceForEachTime()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Go("14d").Unpaid("14d").Go("28d").Unpaid("28d");
        Assert.Equal([Days.At("14d")], ledger.EventsOf("subscription.past_due"));

        ledger.Pay("30d", "acme~S~20260315T000000Z");
        Assert.Single(ledger.EventsOf("subscription.activated"));
        ledger.Pay("31d");
        Assert.Equal([Days.At("0d"), Days.At("31d")], ledger.EventsOf("subscription.activated"));
        ledger.Go("42d").Unpaid("42d");
        Assert.Equal([Days.At("14d"), Days.At("42d")], ledger.EventsOf("subscription.past_due"));
    }

    [Fact]
    public void DeletingStanding_NothingIsRenewed_AndAFirstInvoiceIsIssued()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Standing("10d", "deleted").Go("40d");
        Assert.Single(ledger.Made);
        ledger.Subscribe("40d", "T");
        Assert.Equal("acme~T~20260410T000000Z", ledger.Go("40d").Made[^1].Id);

        ledger.Standing("41d", "good");
        Assert.Equal(Days.At("42d"), ledger.View().NextBillingAt);
        Assert.Equal(3, ledger.Go("42d").Made.Count);
    }
}
