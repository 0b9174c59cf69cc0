using NodaTime;

namespace Billing.Domain.Tests;

public sealed class PolicyReadingTests
{
    [Fact]
    public void Parse_EmptyDocument_HasTheDefaults() => HasTheDefaults(Reading.Valid(Reading.Of("{}")));

    [Fact]
    public void Parse_DefaultsDocument_SaysWhatAnEmptyOneDoes() => HasTheDefaults(Reading.Valid(PolicyDocument.Parse(PolicyDefaults.Document, Reading.Id)));

    [Fact]
    public void Parse_DefaultsOfAStanding_SayWhatLeavingThemOutDoes()
    {
        var standing = Reading.Standing();
        foreach (var property in PolicyDefaults.Standing.EnumerateObject()) standing[property.Name] = System.Text.Json.Nodes.JsonNode.Parse(property.Value.GetRawText());

        foreach (var reading in (PolicyReading[])[Reading.OfStandings(Reading.Standing()), Reading.OfStandings(standing)])
        {
            var rule = Assert.Single(Reading.Valid(reading).Standings);
            Assert.Equal("late", rule.Code);
            Assert.Equal("", rule.Message);
            Assert.Null(rule.Banner);
            Assert.False(rule.LoginRedirect || rule.IsDenying);
            Assert.Empty(rule.NoticesOnEnter);
            Assert.Empty(rule.RequiresNotice);
            Assert.False(rule.PowersDown || rule.Deletes);
        }
    }

    [Fact]
    public void Parse_KeysOfCollectionAndStandings_Read()
    {
        var policy = Reading.Valid(Reading.Of(
            """
            {
              "$schema": "https://example.com/policy.json", "id": "p", "description": "d", "source": "s", "assumption": "a",
              "collection": {
                "charge": "at_due", "due_after": "7d", "methods": "default_then_others", "retry_after": ["90m", "23h", "5d"],
                "retry_methods": "default_then_others", "processing_hold": { "bank": "6d", "card": "0m" }
              },
              "invoice": { "balance_invoice": true, "settles_label": "Settles" },
              "standings": [
                { "name": "past_due", "when": { "collection_failed": true }, "banner": "{amount_due} by {due_date}", "on_enter": ["notice:past_due"],
                  "deny_if": [ { "tagged": "storage_hold", "deny": ["storage.access"], "source": "s" } ], "message": "m" },
                { "name": "suspended", "when": { "in_standing": { "past_due": "20d" } }, "deny": ["resource.create", "house.paint"],
                  "code": "account_suspended", "message": "Pay.\nThen go on.", "login_redirect": true }
              ],
              "message_contexts": { "source": "s", "old_call": "failed: pay" }
            }
            """));

        Assert.Equal("d", policy.Description);
        Assert.Equal(ChargeTime.AtDue, policy.Collection.Charge);
        Assert.Equal(Duration.FromDays(7), policy.Collection.DueAfter);
        Assert.Equal(MethodChoice.DefaultThenOthers, policy.Collection.Methods);
        Assert.Equal(MethodChoice.DefaultThenOthers, policy.Collection.RetryMethods);
        Assert.Equal([Duration.FromMinutes(90), Duration.FromHours(23), Duration.FromDays(5)], policy.Collection.RetryAfter.ToArray());
        Assert.Equal(Duration.FromDays(6), policy.Collection.HoldFor(MethodKind.Bank));
        Assert.Equal(Duration.Zero, policy.Collection.HoldFor(MethodKind.Card));
        Assert.Equal(Duration.FromHours(24), policy.Collection.HoldFor(MethodKind.Crypto));
        Assert.True(policy.Invoice.BalanceInvoice);
        Assert.Equal("Settles", policy.Invoice.SettlesLabel);
        Assert.Equal([new("old_call", "failed: pay")], policy.MessageContexts);
        Assert.Equal(["storage.access", "resource.create", "house.paint"], policy.Operations);

        var (mild, severe) = (policy.Standings[0], policy.Standings[1]);
        Assert.Equal("past_due", mild.Code);
        Assert.Equal("{amount_due} by {due_date}", mild.Banner);
        Assert.Equal(["past_due"], mild.NoticesOnEnter.ToArray());
        Assert.True(mild.Denies("storage.access", ["storage_hold"]));
        Assert.False(mild.Denies("storage.access", []));
        Assert.Equal(new Condition.InStanding("past_due", Duration.FromDays(20)), severe.When);
        Assert.Equal("account_suspended", severe.Code);
        Assert.Equal("Pay.\nThen go on.", severe.Message);
        Assert.True(severe.LoginRedirect);
    }

    [Fact]
    public void Parse_KeysOfCyclesNoticesAndRecovery_Read()
    {
        var policy = Reading.Valid(Reading.Of(
            """
            {
              "cycle": { "interval": "30d", "while_unpaid": "skip", "source": "s" },
              "collection": {
                "on_new_method": "charge", "crypto_window": "20m", "minimum": { "USD": 50, "JPY": 0, "source": "s" }, "refuse_funding": ["prepaid", "gift"],
                "notices": { "attempt_failed": "attempt_failed", "recovered": "welcome_back", "before_due": { "notice": "reminder", "before": "3d", "assumption": "a" } }
              },
              "invoice": { "cancel_after": "0d", "cancel_cancels_subscription": true },
              "standings": [
                { "name": "suspended", "when": { "collection_failed": true }, "on_enter": ["power_down", "notice:suspended"] },
                { "name": "deleted", "when": { "in_standing": { "suspended": "14d" } }, "on_enter": ["notice:deleted", "delete_resources"],
                  "requires_notice": [ { "notice": "deletion_warning", "at": "-3d", "at_least": "48h", "source": "s" }, { "notice": "last_call", "at": "0m" } ] }
              ],
              "recovery": { "resources": "automatic", "subscription_period": "restart_at_payment" },
              "requires_subscription": ["credits.use", "house.paint"],
              "refunds": "refused", "extensions": "refused"
            }
            """));

        Assert.Equal(new BillingCycle.Interval(Duration.FromDays(30)) { WhileUnpaid = WhileUnpaid.Skip }, policy.Cycle);
        Assert.True(policy.Collection.ChargesNewMethod);
        Assert.Equal(Duration.FromMinutes(20), policy.Collection.CryptoWindow);
        Assert.Equal([new("JPY", 0), new("USD", 50)], policy.Collection.Minimum.OrderBy(p => p.Key, StringComparer.Ordinal));
        Assert.Equal(["prepaid", "gift"], policy.Collection.RefuseFunding.ToArray());
        Assert.Equal("attempt_failed", policy.Collection.AttemptFailedNotice);
        Assert.Equal("welcome_back", policy.Collection.RecoveredNotice);
        Assert.Equal(new NoticeBefore("reminder", Duration.FromDays(3)), policy.Collection.BeforeDueNotice);
        Assert.Equal(Duration.Zero, policy.Invoice.CancelAfter);
        Assert.True(policy.Invoice.CancelCancelsSubscription);
        Assert.Equal(new RecoveryRules { Resources = ResourceRecovery.Automatic, SubscriptionPeriod = PeriodRecovery.RestartAtPayment }, policy.Recovery);
        Assert.Equal(["credits.use", "house.paint"], policy.RequiresSubscription.ToArray());
        Assert.Equal(["credits.use", "house.paint"], policy.Operations);
        Assert.False(policy.OffersRefunds || policy.OffersExtensions);

        var (suspended, deleted) = (policy.Standings[0], policy.Standings[1]);
        Assert.True(suspended.PowersDown && !suspended.Deletes);
        Assert.Equal(["suspended"], suspended.NoticesOnEnter.ToArray());
        Assert.True(deleted.Deletes && !deleted.PowersDown);
        Assert.Equal(["deleted"], deleted.NoticesOnEnter.ToArray());
        Assert.Equal(
            [new RequiredNotice("deletion_warning", Duration.FromDays(3), Duration.FromHours(48)), new RequiredNotice("last_call", Duration.Zero, Duration.Zero)],
            deleted.RequiresNotice.ToArray());
    }

    [Theory]
    [InlineData("""{"calendar": "month"}""", 1, "UTC", WhileUnpaid.Renew)]
    [InlineData("""{"calendar": "month", "day": 31, "time_zone": "Europe/Berlin", "while_unpaid": "renew"}""", 31, "Europe/Berlin", WhileUnpaid.Renew)]
    [InlineData("""{"calendar": "month", "day": 15, "time_zone": "account", "while_unpaid": "skip"}""", 15, null, WhileUnpaid.Skip)]
    public void Parse_CycleByTheCalendar_Read(string cycle, int day, string? zone, WhileUnpaid whileUnpaid) =>
        Assert.Equal(new BillingCycle.CalendarMonth(day, zone) { WhileUnpaid = whileUnpaid }, Reading.Valid(Reading.Of($$"""{"cycle": {{cycle}}}""")).Cycle);

    [Fact]
    public void Parse_IntervalAlone_RenewsWhileUnpaid() =>
        Assert.Equal(new BillingCycle.Interval(Duration.FromDays(7)), Reading.Valid(Reading.Of("""{"cycle": {"interval": "7d"}}""")).Cycle);

    private static void HasTheDefaults(Policy policy)
    {
        Assert.Null(policy.Cycle);
        Assert.False(policy.Collection.ChargesNewMethod);
        Assert.Equal(Duration.FromMinutes(60), policy.Collection.CryptoWindow);
        Assert.Equal([new("USD", 50)], policy.Collection.Minimum);
        Assert.Empty(policy.Collection.RefuseFunding.ToArray());
        Assert.Null(policy.Collection.AttemptFailedNotice);
        Assert.Null(policy.Collection.RecoveredNotice);
        Assert.Null(policy.Collection.BeforeDueNotice);
        Assert.Null(policy.Invoice.CancelAfter);
        Assert.False(policy.Invoice.CancelCancelsSubscription);
        Assert.Equal(new RecoveryRules(), policy.Recovery);
        Assert.Empty(policy.RequiresSubscription.ToArray());
        Assert.True(policy.OffersRefunds && policy.OffersExtensions);

        Assert.Equal(Reading.Id, policy.Id);
        Assert.Null(policy.Description);
        Assert.Equal(ChargeTime.AtIssue, policy.Collection.Charge);
        Assert.Equal(Duration.Zero, policy.Collection.DueAfter);
        Assert.Equal(MethodChoice.Default, policy.Collection.Methods);
        Assert.Empty(policy.Collection.RetryAfter.ToArray());
        Assert.Equal(MethodChoice.Default, policy.Collection.RetryMethods);
        Assert.Equal([new("bank", Duration.FromDays(6)), new("default", Duration.FromHours(24))], policy.Collection.ProcessingHold.OrderBy(hold => hold.Key, StringComparer.Ordinal));
        Assert.False(policy.Invoice.BalanceInvoice);
        Assert.Equal("Invoice that pays the following outstanding balance:", policy.Invoice.SettlesLabel);
        Assert.Empty(policy.Standings);
        Assert.Empty(policy.MessageContexts);
    }
}
