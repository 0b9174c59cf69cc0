using System.Text.Json;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>The shipped policy, against the words of its source.</summary>
public sealed class CloudflarePolicyTests
{
    private static readonly string Json = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policies", "cloudflare.json"));

    private static readonly Policy Policy = Reading.Valid(PolicyDocument.Parse(JsonElement.Parse(Json), "cloudflare"));

    [Fact]
    public void Cycle_ASubscription_RenewsByItself() => Assert.Equal(new BillingCycle.Interval(Duration.FromDays(30)) { WhileUnpaid = WhileUnpaid.Renew }, Policy.Cycle);

    [Fact]
    public void Collection_AFailedRenewal_IsRetriedFiveTimesOverFiveDays()
    {
        Assert.Equal(ChargeTime.AtIssue, Policy.Collection.Charge);
        Assert.Equal(Duration.Zero, Policy.Collection.DueAfter);
        Assert.Equal(MethodChoice.Default, Policy.Collection.Methods);
        Assert.Equal(MethodChoice.Default, Policy.Collection.RetryMethods);
        Assert.Equal([1, 2, 3, 4, 5], Policy.Collection.RetryAfter.Select(d => d.TotalDays));
        Assert.Equal(Duration.FromHours(24), Policy.Collection.HoldFor(MethodKind.Card));
        Assert.Equal(Duration.FromDays(6), Policy.Collection.HoldFor(MethodKind.Bank));
    }

    [Fact]
    public void Invoice_TheBalance_HasADocumentWithTheLabelVerbatim()
    {
        Assert.True(Policy.Invoice.BalanceInvoice);
        Assert.Equal("Invoice that pays the following outstanding balance:", Policy.Invoice.SettlesLabel);
    }

    [Fact]
    public void Standing_RetriesExhausted_DeniesWithTheMessageVerbatim()
    {
        var overdue = Assert.Single(Policy.Standings);
        Assert.Equal("overdue", overdue.Name);
        Assert.Equal(new Condition.RetriesExhausted(), overdue.When);
        Assert.Equal(
            ["purchase", "subscription.create", "subscription.upgrade", "subscription.modify", "subscription.downgrade", "billing_profile.update"],
            overdue.Deny.ToArray());
        Assert.Empty(overdue.DenyIf);
        Assert.Equal("outstanding_balance", overdue.Code);
        Assert.Equal("You cannot add or modify subscriptions or services until the outstanding balance is paid.", overdue.Message);
        Assert.Contains("{amount_due}", overdue.Banner, StringComparison.Ordinal);
        Assert.False(overdue.LoginRedirect);
    }

    [Theory]
    [InlineData("payment_method.add")]
    [InlineData("payment.create")]
    [InlineData("invoice.read")]
    public void Standing_Overdue_LeavesADebtPayable(string operation) => Assert.False(Policy.Standings[0].Denies(operation, []));

    [Theory]
    [InlineData("zone_subscription_load", "could not run legacy post zone sub request against new zone products: failed to update user subscription: failed to load account from db: You cannot add or modify subscriptions or services until the outstanding balance is paid. You should be able to do so in your Billing page.")]
    [InlineData("zone_subscription_apply", "could not run legacy post zone sub request against new zone products: failed to update user subscription: failed to apply object products: You cannot add or modify subscriptions or services until the outstanding balance is paid. You should be able to do so in your Billing page.")]
    [InlineData("append_subscription_load", "failed in ActionAppendSubscription: failed to update user subscription: failed to load account from db: You cannot add or modify subscriptions or services until the outstanding balance is paid. You should be able to do so in your Billing page.")]
    [InlineData("user_subscription_load", "could not run a legacy post user sub request: failed to update user subscription: failed to load account from db: You cannot add or modify subscriptions or services until the outstanding balance is paid. You should be able to do so in your Billing page.")]
    [InlineData("account_load", "failed to load account: You cannot add or modify subscriptions or services until the outstanding balance is paid. You should be able to do so in your Billing page.")]
    public void MessageContexts_EachOfFive_HasItsFormVerbatim(string context, string message) => Assert.Equal(message, Policy.MessageContexts[context]);

    [Fact]
    public void MessageContexts_InTheFile_AreInTheOrderOfTheSource()
    {
        Assert.Equal(5, Policy.MessageContexts.Count);
        Assert.Equal(
            ["source", "assumption", "zone_subscription_load", "zone_subscription_apply", "append_subscription_load", "user_subscription_load", "account_load"],
            JsonElement.Parse(Json).GetProperty("message_contexts").EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void Parse_EveryRule_NamesItsSource()
    {
        var root = JsonElement.Parse(Json);
        JsonElement[] rules =
        [
            root.GetProperty("collection"), root.GetProperty("collection").GetProperty("processing_hold"), root.GetProperty("invoice"),
            root.GetProperty("standings")[0], root.GetProperty("standings")[0].GetProperty("when"), root.GetProperty("message_contexts"),
        ];
        Assert.All(rules, rule => Assert.Contains("Cloudflare Docs, \"Pay an outstanding balance\"", rule.GetProperty("source").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_ItsBytes_AreFarFromTheBound() => Assert.True(System.Text.Encoding.UTF8.GetByteCount(Json) < PolicyBounds.DocumentBytes / 8);
}
