using System.Text.Json;
using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>The statement is the account's books: whatever moved money, its entries sum to what the account owes and holds.</summary>
public sealed class StatementTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private BillingApp App => postgres.App;

    [PostgresFact]
    public async Task Statement_AfterEverythingThatMovesMoney_SumsToTheAccount()
    {
        var story = await BeginAsync();
        await AssertBooksAsync(story);

        // Promo and tax: 2000 − 300, and 10 % of that.
        (await App.PostAsync(story.Path + "/credits", """{"kind": "promo", "amount": 300}""")).Succeeded();
        var paid = await story.InvoiceAsync("paid");
        await AssertBooksAsync(story);
        var card = (await App.PostAsync($"/v1/invoices/{paid}/pay", """{"payment_method": "card"}""")).Succeeded()["id"].GetString();
        await AssertBooksAsync(story);

        // A refund with a credit note, one that reopens, and what is left taken back.
        await RefundAsync(card, """{"amount": 500}""");
        await AssertBooksAsync(story);
        await RefundAsync(card, """{"amount": 100, "reopen": true}""");
        await AssertBooksAsync(story);
        (await App.PostAsync($"/v1/payments/{card}/reverse", """{"amount": 200, "reason": "Charged back"}""")).Succeeded();
        await AssertBooksAsync(story);
        Assert.Equal(300, (await AccountAsync(story)).GetProperty("amount_due").GetInt64());

        // Money received for more than is due; the surplus pays what comes, and is sent back.
        (await App.PostAsync(story.Path + "/payments", $$"""{"amount": 1000, "reference": "wire-1", "invoice": "{{paid}}"}""")).Succeeded();
        await AssertBooksAsync(story);
        Assert.Equal(700, (await AccountAsync(story)).GetProperty("credit").GetProperty("prepayment").GetInt64());
        (await App.PostAsync(story.Path + "/credits/refund", """{"amount": 150}""")).Succeeded();
        await AssertBooksAsync(story);

        // Adjusted, voided after a part payment, granted, written off.
        var adjusted = await story.InvoiceAsync("adjusted", 700);
        (await App.PostAsync($"/v1/invoices/{adjusted}/adjust", """{"amount": 110, "reason": "An outage"}""")).Succeeded();
        await AssertBooksAsync(story);
        (await App.PostAsync($"/v1/invoices/{adjusted}/void")).Succeeded();
        await AssertBooksAsync(story);
        (await App.PostAsync(story.Path + "/credits", """{"kind": "prepayment", "amount": 40}""")).Succeeded();
        var lost = await story.InvoiceAsync("lost", 900);
        (await App.PostAsync($"/v1/invoices/{lost}/write_off")).Succeeded();
        await AssertBooksAsync(story);
        (await App.PostAsync(story.Path + "/payments", $$"""{"amount": 77, "reference": "wire-2", "invoice": "{{lost}}"}""")).Succeeded();
        await AssertBooksAsync(story);

        // Promo that expires.
        (await App.PostAsync(story.Path + "/credits", """{"kind": "promo", "amount": 60, "expires_at": "2026-03-10T00:00:00Z"}""")).Succeeded();
        await AssertBooksAsync(story);
        await story.AdvanceAsync("2026-03-11T00:00:00Z");
        var sums = await AssertBooksAsync(story);
        Assert.Equal(0, sums.GetValueOrDefault("promo"));
    }

    private async Task<Story> BeginAsync()
    {
        var story = await Story.BeginAsync(App);
        (await App.PutAsync(story.Path, """{"tax_rate": "0.1"}""")).Succeeded();
        return story;
    }

    private async Task RefundAsync(string? payment, string body)
    {
        var refund = (await App.PostAsync($"/v1/payments/{payment}/refund", body)).Succeeded();
        Assert.Equal("succeeded", refund["status"].GetString());
    }

    private async Task<JsonElement> AccountAsync(Story story) => (await App.GetAsync(story.Path)).Succeeded().Json;

    /// <summary>Each entry sums to zero; the sums over all of them are what the account owes and holds, and what the gateway's ledger moved.</summary>
    private async Task<Dictionary<string, long>> AssertBooksAsync(Story story)
    {
        await story.QuietAsync();
        var entries = (await App.GetAsync(story.Path + "/statement?limit=200")).Succeeded()["data"].EnumerateArray().Select(entry => entry.GetProperty("postings").EnumerateArray().ToArray()).ToArray();
        Assert.All(entries, postings => Assert.Equal(0, postings.Sum(Amount)));
        var sums = entries.SelectMany(postings => postings).GroupBy(posting => posting.GetProperty("account").GetString()!, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Sum(Amount), StringComparer.Ordinal);
        var account = await AccountAsync(story);
        var credit = account.GetProperty("credit");
        Assert.Equal(account.GetProperty("amount_due").GetInt64(), sums.GetValueOrDefault("receivable"));
        Assert.Equal(-credit.GetProperty("prepayment").GetInt64(), sums.GetValueOrDefault("prepayment"));
        Assert.Equal(-credit.GetProperty("promo").GetInt64(), sums.GetValueOrDefault("promo"));
        return sums;
    }

    private static long Amount(JsonElement posting) => posting.GetProperty("amount").GetInt64();
}
