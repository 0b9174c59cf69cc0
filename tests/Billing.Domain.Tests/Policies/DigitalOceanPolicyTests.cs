using System.Text.Json;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>The shipped policy, against the words of its source: DigitalOcean Documentation, "Late Payments".</summary>
public sealed class DigitalOceanPolicyTests
{
    private static readonly Policy Policy = Reading.Valid(PolicyDocument.Parse(JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policies", "digitalocean.json"))), "digitalocean"));

    [Fact]
    public void Cycle_UsageOfAMonth_IsInvoicedOnTheFirst() =>
        Assert.Equal(new BillingCycle.CalendarMonth(1, "UTC") { WhileUnpaid = WhileUnpaid.Renew }, Policy.Cycle);

    [Fact]
    public void Collection_TheDefaultFails_TheOtherMethodsAreTriedAndNothingIsRetried()
    {
        Assert.Equal(ChargeTime.AtIssue, Policy.Collection.Charge);
        Assert.Equal(Duration.Zero, Policy.Collection.DueAfter);
        Assert.Equal(MethodChoice.DefaultThenOthers, Policy.Collection.Methods);
        Assert.Empty(Policy.Collection.RetryAfter);
        Assert.False(Policy.Collection.ChargesNewMethod);
        Assert.Equal(Duration.FromHours(24), Policy.Collection.HoldFor(MethodKind.Card));
        Assert.Equal(Duration.FromDays(6), Policy.Collection.HoldFor(MethodKind.Bank));
        Assert.Null(Policy.Invoice.CancelAfter);
    }

    [Fact]
    public void Collection_APrepaidCard_IsNotTaken() => Assert.Equal(["prepaid"], Policy.Collection.RefuseFunding.ToArray());

    [Fact]
    public void Standings_MildToSevere_PastDueSuspendedDeleted() => Assert.Equal(["past_due", "suspended", "deleted"], Policy.Standings.Select(s => s.Name));

    [Fact]
    public void PastDue_NoMethodCovers_MailsAndDeniesNewResourcesAlone()
    {
        var pastDue = Policy.Standings[0];
        Assert.Equal(new Condition.CollectionFailed(), pastDue.When);
        Assert.Equal(["past_due"], pastDue.NoticesOnEnter.ToArray());
        Assert.True(pastDue.Denies(Operations.ResourceCreate, []));
        Assert.All(Operations.House.Except([Operations.ResourceCreate]), operation => Assert.False(pastDue.Denies(operation, []), operation));
        Assert.False(pastDue.PowersDown || pastDue.Deletes || pastDue.LoginRedirect);
        Assert.Equal("account_past_due", pastDue.Code);
    }

    [Fact]
    public void PastDue_InCertainCases_StorageCannotBeAccessed()
    {
        Assert.True(Policy.Standings[0].Denies(Operations.StorageAccess, ["storage_hold"]));
        Assert.False(Policy.Standings[0].Denies(Operations.StorageAccess, ["vip"]));
    }

    [Fact]
    public void Suspended_StillPastDue_MailsPowersDownAndRedirectsLogins()
    {
        var suspended = Policy.Standings[1];
        Assert.Equal(new Condition.InStanding("past_due", Duration.FromDays(20)), suspended.When);
        Assert.Equal(["suspended"], suspended.NoticesOnEnter.ToArray());
        Assert.True(suspended.PowersDown && suspended.LoginRedirect && !suspended.Deletes);
        Assert.True(suspended.Denies(Operations.ResourceCreate, []) && suspended.Denies(Operations.ResourcePowerOn, []));
        Assert.False(suspended.Denies(Operations.ResourceRead, []));
    }

    [Fact]
    public void Deleted_SuspendedForFourteenDays_DeletesAfterAWarning()
    {
        var deleted = Policy.Standings[2];
        Assert.Equal(new Condition.InStanding("suspended", Duration.FromDays(14)), deleted.When);
        Assert.True(deleted.Deletes && deleted.LoginRedirect);
        Assert.Equal([new RequiredNotice("deletion_warning", Duration.FromDays(3), Duration.FromHours(48))], deleted.RequiresNotice.ToArray());
    }

    [Fact]
    public void Recovery_AfterPaying_ResourcesAreTurnedOnByHand() => Assert.Equal(ResourceRecovery.Manual, Policy.Recovery.Resources);

    [Fact]
    public void Help_RefundsAndExtensions_AreNotOffered() => Assert.False(Policy.OffersRefunds || Policy.OffersExtensions);
}
