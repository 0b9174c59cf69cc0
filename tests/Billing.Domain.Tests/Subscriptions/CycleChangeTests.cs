using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>Another cycle counts from the next renewal; and renewals that find no room wait for it.</summary>
public sealed class CycleChangeTests
{
    private static readonly BillingCycle Month = new BillingCycle.CalendarMonth(1, "UTC");

    [Fact]
    public void AnotherInterval_CountsFromTheNextRenewal()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Change(new BillingCycle.Interval(Duration.FromDays(30)));
        Assert.Equal(Days.At("14d"), ledger.Next);
        Assert.Equal(Days.At("44d"), ledger.Go("14d").Next);
    }

    [Fact]
    public void AnotherInterval_WhileRenewalsArePassedOver_TheOldRhythmIsKept()
    {
        var ledger = Ledger.Interval("14d", WhileUnpaid.Skip).Active("0d").Go("14d").Unpaid("14d").Go("30d")
            .Change(new BillingCycle.Interval(Duration.FromDays(30)) { WhileUnpaid = WhileUnpaid.Skip }).Pay("35d");
        Assert.Equal(Days.At("42d"), ledger.Next);
        Assert.Equal(Days.At("72d"), ledger.Go("42d").Next);
    }

    [Fact]
    public void FromIntervalToCalendar_ThePaidPeriodIsNotBilledAgain()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Change(Month).Go("31d-1ms");
        Assert.Single(ledger.Made);
        Assert.Equal(Days.At("31d"), ledger.View().NextBillingAt);
        Assert.Equal(("acme~20260401T000000Z", 2900L), (ledger.Go("31d").Made[^1].Id, ledger.Made[^1].Content.Net));
    }

    [Fact]
    public void FromCalendarToInterval_TheEndedMonthAndThePeriodAheadComeTogether()
    {
        var ledger = Ledger.Calendar().Active("0d").Change(new BillingCycle.Interval(Duration.FromDays(14))).Go("45d");
        Assert.Equal([("acme~S~20260401T000000Z", 5800L), ("acme~S~20260415T000000Z", 2900L)], ledger.Made.Select(item => (item.Id, item.Content.Net)));
    }

    [Fact]
    public void NoCycleAnyMore_BillsNothing_AndACycleBillsFromThenOn()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Change(null).Go("60d");
        Assert.Single(ledger.Made);
        Assert.Null(ledger.Next);
        Assert.Null(ledger.View().NextBillingAt);

        ledger.Change(new BillingCycle.Interval(Duration.FromDays(14)));
        Assert.NotNull(ledger.Next);
        ledger.Bill(ledger.Next.Value, Days.At("61d"));
        Assert.Single(ledger.Made);
        Assert.Equal((Days.At("70d"), Days.At("70d")), (ledger.Next, ledger.View().NextBillingAt));
        Assert.Equal(2, ledger.Go("70d").Made.Count);
    }

    [Fact]
    public void NoCycleWhenItsFirstInvoiceIsPaid_WaitsForOne()
    {
        var ledger = Ledger.Interval("14d");
        ledger.Subscribe("0d");
        ledger.Go("0d").Change(null).Pay("1d");
        Assert.Equal(SubscriptionStatus.Active, ledger.View().Status);
        Assert.Null(ledger.Next);

        ledger.Change(Month);
        ledger.Bill(ledger.Next!.Value, Days.At("5d"));
        Assert.Equal(Days.At("31d"), ledger.Next);
    }

    [Fact]
    public void ACycleThatAppears_InAStandingThatDeletes_IsPassedOverUntilItEnds()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Change(null).Go("60d").Standing("60d", "deleted").Change(new BillingCycle.Interval(Duration.FromDays(14)));
        ledger.Bill(ledger.Next!.Value, Days.At("61d"));
        ledger.Go("80d");
        Assert.Single(ledger.Made);
        ledger.Standing("80d", "good");
        Assert.Equal(Days.At("84d"), ledger.Next);
    }

    [Fact]
    public void NoRoom_TheRenewalWaits_SomebodyIsTold_AndItIsIssuedWhenThereIs()
    {
        var ledger = Ledger.Interval("14d").Active("0d").Active("0d", "T");
        for (var n = 0; n < 200; n++) ledger.Invoice("1d", $"I{n}");
        ledger.Go("20d");
        Assert.Equal(2, ledger.Made.Count);
        Assert.Equal("renewal_waits", Assert.Single(ledger.State.Attention).Kind);
        Assert.Null(ledger.Next);

        ledger.Pay("21d", "I0");
        Assert.Equal(Days.At("14d"), ledger.Next);
        ledger.Go("21d", late: true);
        Assert.Equal("acme~S~20260315T000000Z", ledger.Made[^1].Id);
        Assert.Single(ledger.State.Attention);
        Assert.Null(ledger.Next);

        ledger.Pay("22d", "I1").Pay("22d", "I2").Go("22d", late: true);
        Assert.Equal("acme~T~20260315T000000Z", ledger.Made[^1].Id);
        Assert.Empty(ledger.State.Attention);
        Assert.Equal(Days.At("28d"), ledger.Next);

        var told = ledger.Events.Where(item => item.Type.StartsWith("attention.", StringComparison.Ordinal)).Select(item => $"{item.Type} {item.Data.ToJsonString()}");
        Assert.Equal(
            ["attention.raised", "attention.resolved"],
            told.Select(item => item.Replace(""" {"attention":"acme~renewal_waits","kind":"renewal_waits","subject":null}""", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void NoRoom_AndNoneOnTheListEither_SomebodyIsToldWhenThereIs()
    {
        var ledger = Ledger.Interval("14d").Active("0d");
        for (var n = 0; n < 200; n++) ledger.Invoice("1d", $"I{n}");
        ledger.Do(Days.At("2d"), draft =>
        {
            for (var n = 0; n < AttentionRules.Most; n++) AttentionRules.Raise(draft, "matter", $"{n}", "Something waits.", "Look at it.");
        });
        Assert.Null(ledger.Go("20d").Next);
        Assert.Equal(AttentionRules.Most, ledger.State.Attention.Length);

        ledger.Do(Days.At("21d"), draft => AttentionRules.Clear(draft, "matter", "7"));
        Assert.Equal(Days.At("14d"), ledger.Next);
        ledger.Go("21d", late: true);
        Assert.Equal("acme~renewal_waits", ledger.State.Attention[^1].Id);
        Assert.Null(ledger.Next);
        Assert.Single(ledger.Made);
    }

    [Fact]
    public void NoRoom_OneThatIsSkipped_IsSkippedInTime()
    {
        var ledger = Ledger.Interval("14d", WhileUnpaid.Skip).Active("0d").Go("14d").Unpaid("14d").Active("14d", "T");
        for (var n = 0; n < 199; n++) ledger.Invoice("15d", $"I{n}");
        ledger.Go("29d");
        Assert.Equal("renewal_waits", Assert.Single(ledger.State.Attention).Kind);
        Assert.True(ledger.Subscription().IsSkipped);
        Assert.Equal(Days.At("42d"), ledger.Next);
    }
}
