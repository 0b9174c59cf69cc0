using System.Text.Json;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>The shipped policy, against the words of its source: Valid Email Checker, "How do I pay a stuck or pending invoice manually?".</summary>
public sealed class ValidEmailCheckerPolicyTests
{
    private static readonly Policy Policy = Reading.Valid(PolicyDocument.Parse(JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policies", "valid-email-checker.json"))), "valid-email-checker"));

    [Fact]
    public void Collection_AFailedRenewal_IsAPendingInvoiceDueInSevenDays()
    {
        Assert.Equal(ChargeTime.AtIssue, Policy.Collection.Charge);
        Assert.Equal(Duration.FromDays(7), Policy.Collection.DueAfter);
    }

    [Fact]
    public void Collection_NoThirdOption_NeitherRetryNorChargeOfANewCard()
    {
        Assert.Empty(Policy.Collection.RetryAfter);
        Assert.Equal(MethodChoice.Default, Policy.Collection.Methods);
        Assert.False(Policy.Collection.ChargesNewMethod);
    }

    [Fact]
    public void Collection_ACryptoAddress_HasAShortWindow() => Assert.Equal(Duration.FromMinutes(60), Policy.Collection.CryptoWindow);

    [Fact]
    public void Invoice_TheDeadlineMissed_IsCancelledAlongWithTheSubscription()
    {
        Assert.Equal(Duration.Zero, Policy.Invoice.CancelAfter);
        Assert.True(Policy.Invoice.CancelCancelsSubscription);
        Assert.False(Policy.Invoice.BalanceInvoice);
    }

    [Fact]
    public void PastDue_UntilTheDeadline_DeniesNothingAndShowsTheBannerVerbatim()
    {
        var pastDue = Assert.Single(Policy.Standings);
        Assert.Equal("past_due", pastDue.Name);
        Assert.Equal(new Condition.CollectionFailed(), pastDue.When);
        Assert.False(pastDue.IsDenying || pastDue.LoginRedirect || pastDue.PowersDown || pastDue.Deletes);
        Assert.Equal("Past Due — Pay your pending invoice before {due_date} to keep your credits active.", pastDue.Banner);
    }

    [Fact]
    public void RequiresSubscription_Credits_AreUsableWhileThereIsOne() => Assert.Equal([Operations.CreditsUse], Policy.RequiresSubscription.ToArray());

    [Fact]
    public void Recovery_Paid_ThePeriodRunsThirtyDaysFromThePayment()
    {
        Assert.Equal(new BillingCycle.Interval(Duration.FromDays(30)) { WhileUnpaid = WhileUnpaid.Skip }, Policy.Cycle);
        Assert.Equal(PeriodRecovery.RestartAtPayment, Policy.Recovery.SubscriptionPeriod);
    }
}
