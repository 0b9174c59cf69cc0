using System.Text.Json;
using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>What is owed, by how late it is; and what is cancelled is owed no more.</summary>
public sealed class AgingTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private BillingApp App => postgres.App;

    [PostgresFact]
    public async Task Aging_OfOneClock_SumsToWhatItsAccountsOwe()
    {
        var story = await Story.BeginAsync(App);
        await story.InvoiceAsync("old", 2000);
        await story.AdvanceAsync("2026-04-10T00:00:00Z");
        await story.InvoiceAsync("new", 700);
        (await App.PostAsync($"/v1/invoices/{await story.InvoiceAsync("lost", 900)}/write_off")).Succeeded();
        await story.QuietAsync();

        var row = Assert.Single((await App.GetAsync("/v1/reports/aging?test_clock=" + story.Clock)).Succeeded()["data"].EnumerateArray());

        Assert.Equal(("USD", 700, 2000, 2700), (row.GetProperty("currency").GetString(), Number(row, "current"), Number(row, "days_31_60"), Number(row, "total")));
        Assert.Equal(2700, Number((await App.GetAsync(story.Path)).Json, "amount_due"));
        Assert.DoesNotContain((await App.GetAsync("/v1/reports/aging")).Succeeded()["data"].EnumerateArray(), live => Number(live, "total") > 0);
    }

    [PostgresFact]
    public async Task Statement_OfACancelledInvoice_OwesNothing()
    {
        var story = await Story.BeginAsync(App);
        (await App.PutAsync(story.Path, """{"policy": "valid-email-checker"}""")).Succeeded();
        var invoice = await story.InvoiceAsync();
        (await App.PostAsync(story.Path + "/payments", $$"""{"amount": 300, "reference": "{{story.Account}}", "invoice": "{{invoice}}"}""")).Succeeded();
        await story.AdvanceAsync("2026-03-09T00:00:00Z");

        Assert.Equal("cancelled", (await App.GetAsync("/v1/invoices/" + invoice))["status"].GetString());
        var postings = (await App.GetAsync(story.Path + "/statement")).Succeeded()["data"].EnumerateArray().SelectMany(entry => entry.GetProperty("postings").EnumerateArray()).ToArray();
        Assert.Equal((0, -300, 300), (Sum(postings, "receivable"), Sum(postings, "prepayment"), Sum(postings, "cash")));
    }

    private static long Sum(JsonElement[] postings, string account) => postings.Where(posting => posting.GetProperty("account").GetString() == account).Sum(posting => Number(posting, "amount"));

    private static long Number(JsonElement json, string name) => json.GetProperty(name).GetInt64();
}
