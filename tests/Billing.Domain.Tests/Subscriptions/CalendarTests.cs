using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>A calendar cycle bills all of an account together, in arrears, at each boundary.</summary>
public sealed class CalendarTests
{
    private static readonly Instant April = Instant.FromUtc(2026, 4, 1, 0, 0);

    private static readonly Instant May = Instant.FromUtc(2026, 5, 1, 0, 0);

    [Theory]
    [InlineData("31d-1ms", 0)]
    [InlineData("31d", 1)]
    [InlineData("31d1ms", 1)]
    public void Boundary_OneInvoiceWithALineForEachSubscriptionAndCharge(string until, int made)
    {
        var ledger = Ledger.Calendar().Active("5d").Active("6d", "T", 900);
        ledger.Charge("7d");
        Assert.Equal((SubscriptionStatus.Active, April), (ledger.View().Status, ledger.View().NextBillingAt));
        Assert.Equal([Days.At("5d"), Days.At("6d")], ledger.EventsOf("subscription.activated"));

        ledger.Go(until);
        Assert.Equal(made, ledger.Made.Count);
        if (made == 0) return;
        Assert.Equal("acme~20260401T000000Z", ledger.Made[0].Id);
        Assert.Equal([2900L, 900L, 100L], ledger.Made[0].Content.Lines.Select(line => line.Amount));
        Assert.Equal(["S", "T"], ledger.Made[0].Content.Subscriptions.AsEnumerable());
        Assert.Equal(May, ledger.View().NextBillingAt);
        Assert.Empty(ledger.State.Charges);
    }

    [Theory]
    [InlineData("America/New_York", "2026-04-01T04:00:00Z")]
    [InlineData("Asia/Kathmandu", "2026-03-31T18:15:00Z")]
    public void Boundary_InTheAccountsZone(string zone, string expected)
    {
        var ledger = Ledger.Calendar(zone: null, accountZone: zone).Active("5d");
        Assert.Equal(Days.Parse(expected, Days.Start), ledger.Next);
    }

    [Fact]
    public void Boundary_EmptyPeriod_MakesNoInvoice()
    {
        var ledger = Ledger.Calendar();
        Assert.Null(ledger.Next);
        ledger.Active("5d");
        ledger.Cancel("10d");
        Assert.Null(ledger.Next);
        Assert.Empty(ledger.Go("90d").Made);
    }

    [Theory]
    [InlineData("31d-1ms", "31d")]
    [InlineData("31d", "61d")]
    [InlineData("31d1ms", "61d")]
    public void Charge_BelongsToThePeriodInWhichItWasRecorded(string at, string billedAt)
    {
        var ledger = Ledger.Calendar();
        ledger.Go(at).Charge(at);
        Assert.Equal(Days.At(billedAt), ledger.Next);
        var (_, content, issuedAt) = Assert.Single(ledger.Go("90d").Made);
        Assert.Equal((Days.At(billedAt), 100L), (issuedAt, content.Net));
        Assert.Empty(content.Subscriptions);
    }

    [Fact]
    public void Boundary_WokenLate_BillsEachMissedMonthNow()
    {
        var ledger = Ledger.Calendar().Active("5d").Go("70d", late: true);
        Assert.Equal(["acme~20260401T000000Z", "acme~20260501T000000Z"], ledger.Made.Select(item => item.Id));
        Assert.All(ledger.Made, item => Assert.Equal(Days.At("70d"), item.At));
    }

    [Fact]
    public void PastDue_Skip_PassesThatSubscriptionOverAndBillsTheOthers()
    {
        var ledger = Ledger.Calendar(whileUnpaid: WhileUnpaid.Skip).Active("5d").Go("31d").Unpaid("31d").Active("40d", "T", 900);
        ledger.Charge("41d");
        ledger.Go("61d");
        Assert.Equal(["T"], ledger.Made[^1].Content.Subscriptions.AsEnumerable());
        Assert.Equal(1000, ledger.Made[^1].Content.Net);

        ledger.Pay("70d", "acme~20260401T000000Z");
        Assert.Equal((SubscriptionStatus.Active, Days.At("92d")), (ledger.View().Status, ledger.View().NextBillingAt));
        Assert.Equal(3800, ledger.Go("92d").Made[^1].Content.Net);
    }

    [Fact]
    public void PastDue_Renew_BillsAsAlways() =>
        Assert.Equal([2900, 2900], Ledger.Calendar().Active("5d").Go("31d").Unpaid("31d").Go("61d").Nets);

    [Fact]
    public void DeletingStanding_NothingIsBilled_ChargesWaitAndSomebodyIsTold()
    {
        var ledger = Ledger.Calendar().Active("5d").Standing("10d", "deleted");
        ledger.Charge("11d");
        Assert.Empty(ledger.Go("70d").Made);
        Assert.Equal("charges_wait", Assert.Single(ledger.State.Attention).Kind);

        ledger.Standing("70d", "good");
        Assert.Equal(Days.At("92d"), ledger.View().NextBillingAt);
        Assert.Equal(Days.At("92d"), ledger.Next);
        Assert.Equal([3000], ledger.Go("92d").Nets);
        Assert.Empty(ledger.State.Attention);
    }

    [Fact]
    public void StartsAhead_IsIncompleteUntilThen_AndBilledAtTheNextBoundary()
    {
        var ledger = Ledger.Calendar();
        ledger.Subscribe("5d", startsAt: "33d");
        Assert.Equal(SubscriptionStatus.Incomplete, ledger.View().Status);
        Assert.Empty(ledger.Go("33d").Made);
        Assert.Equal((SubscriptionStatus.Active, May), (ledger.View().Status, ledger.View().NextBillingAt));
        Assert.Equal([2900], ledger.Go("61d").Nets);
    }

    [Fact]
    public void Subscribe_AtTheBoundaryItself_IsBilledAtTheNext()
    {
        var ledger = Ledger.Calendar().Active("5d").Go("31d").Active("31d", "T", 900);
        Assert.Equal(May, ledger.View("T").NextBillingAt);
        Assert.Equal([2900, 3800], ledger.Go("61d").Nets);
    }
}
