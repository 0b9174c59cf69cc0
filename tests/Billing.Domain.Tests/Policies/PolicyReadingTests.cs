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
        }
    }

    [Fact]
    public void Parse_EveryKeyThatIsHonoured_Read()
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

    private static void HasTheDefaults(Policy policy)
    {
        Assert.Equal(Reading.Id, policy.Id);
        Assert.Null(policy.Description);
        Assert.Equal(ChargeTime.AtIssue, policy.Collection.Charge);
        Assert.Equal(Duration.Zero, policy.Collection.DueAfter);
        Assert.Equal(MethodChoice.Default, policy.Collection.Methods);
        Assert.Empty(policy.Collection.RetryAfter.ToArray());
        Assert.Equal(MethodChoice.Default, policy.Collection.RetryMethods);
        Assert.Equal([new("default", Duration.FromHours(24))], policy.Collection.ProcessingHold);
        Assert.False(policy.Invoice.BalanceInvoice);
        Assert.Equal("Invoice that pays the following outstanding balance:", policy.Invoice.SettlesLabel);
        Assert.Empty(policy.Standings);
        Assert.Empty(policy.MessageContexts);
    }
}
