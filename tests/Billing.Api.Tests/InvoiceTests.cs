using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>Invoices, methods and lists over HTTP.</summary>
public sealed class InvoiceTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private const string Body = """{"lines": [{"description": "work", "amount": 100, "quantity": 3}], "collection": "manual"}""";

    private BillingApp App => postgres.App;

    [PostgresFact]
    public async Task Put_Twice_IsTheSameInvoice_AndOtherContentIsRefused()
    {
        var story = await Story.BeginAsync(App);
        var path = $"{story.Path}/invoices/{story.Account}-I";

        var first = (await App.PutAsync(path, Body)).Succeeded();
        var again = (await App.PutAsync(path, Body)).Succeeded();

        Assert.Equal(first.Text, again.Text);
        Assert.Equal(("INV-000001", "open", "overdue"), (first["number"].GetString(), first["status"].GetString(), first["display_status"].GetString()));
        (await App.PutAsync(path, Body.Replace("100", "101", StringComparison.Ordinal))).IsProblem(409, "invoice_issued");
        var other = await Story.BeginAsync(App);
        (await App.PutAsync($"{other.Path}/invoices/{story.Account}-I", Body)).IsProblem(409, "id_taken");
        (await App.PutAsync($"/v1/accounts/none/invoices/{story.Account}-J", Body)).IsProblem(404, "not_found");
    }

    [PostgresFact]
    public async Task Draft_IsFinalizedOnce_AndVoided()
    {
        var story = await Story.BeginAsync(App);
        var id = story.Account + "-I";
        var draft = (await App.PutAsync($"{story.Path}/invoices/{id}", Body.Replace("{\"lines", "{\"draft\": true, \"due_at\": \"2026-03-05T00:00:00Z\", \"lines", StringComparison.Ordinal))).Succeeded();
        Assert.Equal(("draft", 0L, 0L), (draft["status"].GetString(), draft["amount_due"].GetInt64(), (await App.GetAsync(story.Path))["amount_due"].GetInt64()));

        var issued = (await App.PostAsync($"/v1/invoices/{id}/finalize", "{}", "k")).Succeeded();
        Assert.Equal(("open", "pending", 100L), (issued["status"].GetString(), issued["display_status"].GetString(), issued["amount_due"].GetInt64()));
        Assert.Equal("true", (await App.PostAsync($"/v1/invoices/{id}/finalize", "{}", "k")).Succeeded().Headers["Idempotent-Replayed"]);
        (await App.PostAsync($"/v1/invoices/{id}/finalize")).IsProblem(409, "invoice_issued");

        var withdrawn = (await App.PostAsync($"/v1/invoices/{id}/void")).Succeeded();
        Assert.Equal(("void", 0L, 0L, "INV-000001"), (withdrawn["status"].GetString(), withdrawn["amount_due"].GetInt64(), withdrawn["amount_paid"].GetInt64(), withdrawn["number"].GetString()));
        (await App.PostAsync($"/v1/invoices/{id}/void")).IsProblem(409, "invoice_not_payable");
        (await App.PostAsync($"/v1/invoices/{id}/pay")).IsProblem(409, "invoice_not_payable");
        (await App.PostAsync("/v1/invoices/none/finalize")).IsProblem(404, "not_found");
    }

    [PostgresFact]
    public async Task List_OfInvoices_HasEachOnceOverItsPages()
    {
        var story = await Story.BeginAsync(App);
        for (var i = 1; i <= 5; i++) await story.InvoiceAsync("I" + i);

        var found = new List<string>();
        string? after = null;
        do
        {
            var page = (await App.GetAsync($"{story.Path}/invoices?limit=2{(after is null ? "" : "&after=" + after)}")).Succeeded();
            found.AddRange(page["data"].EnumerateArray().Select(invoice => invoice.GetProperty("number").GetString()!));
            after = page["next"].GetString();
        }
        while (after is not null);

        Assert.Equal(["INV-000005", "INV-000004", "INV-000003", "INV-000002", "INV-000001"], found);
        Assert.Single((await App.GetAsync($"{story.Path}/invoices?number=INV-000002"))["data"].EnumerateArray());
        Assert.Empty((await App.GetAsync($"{story.Path}/invoices?number=INV-000009"))["data"].EnumerateArray());
    }

    [PostgresFact]
    public async Task Events_AreReadOnceEach_OldestFirst_WithoutAGapInAnAccount()
    {
        var story = await Story.BeginAsync(App);
        await story.InvoiceAsync();

        var seen = new List<long>();
        var after = "0";
        while (true)
        {
            var page = (await App.GetAsync($"/v1/events?account={story.Account}&limit=1&after={after}")).Succeeded();
            seen.AddRange(page["data"].EnumerateArray().Select(row => row.GetProperty("account_seq").GetInt64()));
            if (page["next"].GetString() is not { } next) break;
            after = next;
        }

        Assert.Equal(Enumerable.Range(1, seen.Count).Select(i => (long)i), seen);
        Assert.True(seen.Count >= 3);
    }

    [PostgresFact]
    public async Task Account_IsPatched_AndListedByTag()
    {
        var story = await Story.BeginAsync(App);
        var tag = story.Account.Replace('-', '_');
        (await App.PutAsync(story.Path, $$"""{"tags": ["{{tag}}"], "tax_rate": "0.19", "time_zone": "Europe/Berlin", "metadata": {"k": "v"} }""")).Succeeded();
        var cleared = (await App.PutAsync(story.Path, """{"tax_rate": null, "metadata": null, "name": "Other"}""")).Succeeded();

        Assert.Equal(("Other", "Europe/Berlin", null), (cleared["name"].GetString(), cleared["time_zone"].GetString(), cleared["tax_rate"].GetString()));
        Assert.Empty(cleared["metadata"].EnumerateObject());
        var listed = (await App.GetAsync($"/v1/accounts?tag={tag}&standing=good&policy=cloudflare"))["data"];
        Assert.Equal(story.Account, Assert.Single(listed.EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(["test_clock"], (await App.PutAsync(story.Path, """{"test_clock": null}""")).IsProblem(422, "invalid_request").ErrorPaths);
        Assert.Contains("test", (await App.PutAsync(story.Path, """{"test": false}""")).IsProblem(422, "invalid_request").ErrorPaths);
    }

    [PostgresFact]
    public async Task Methods_AreListed_MadeDefault_AndRemoved_AndShowNoToken()
    {
        var story = await Story.BeginAsync(App);
        await story.CardAsync("second", """["ok"]""");

        var made = (await App.PostAsync($"{story.Path}/payment_methods/second/default")).Succeeded();
        Assert.True(made["default"].GetBoolean());
        var list = (await App.GetAsync($"{story.Path}/payment_methods")).Succeeded();
        Assert.Equal(["second", "card"], list["data"].EnumerateArray().Select(method => method.GetProperty("id").GetString()));
        Assert.DoesNotContain("tok-", list.Text, StringComparison.Ordinal);
        Assert.Equal(204, (int)(await App.SendAsync("DELETE", $"{story.Path}/payment_methods/second")).Status);
        Assert.True((await App.GetAsync($"{story.Path}/payment_methods/card"))["default"].GetBoolean());
        (await App.GetAsync($"{story.Path}/payment_methods/second")).IsProblem(404, "not_found");
        (await App.SendAsync("DELETE", $"{story.Path}/payment_methods/second")).IsProblem(404, "not_found");
    }

    [PostgresFact]
    public async Task Policy_IsVersioned()
    {
        (await App.PutAsync("/v1/policies/mine", """{"description": "one", "standings": []}""")).Succeeded();
        Assert.Equal(1, (await App.PutAsync("/v1/policies/mine", """{"standings": [], "description": "one"}""")).Succeeded()["version"].GetInt32());
        Assert.Equal(2, (await App.PutAsync("/v1/policies/mine", """{"description": "two", "standings": []}""")).Succeeded()["version"].GetInt32());
        Assert.Equal("one", (await App.GetAsync("/v1/policies/mine/versions/1"))["document"].GetProperty("description").GetString());
        (await App.GetAsync("/v1/policies/mine/versions/3")).IsProblem(404, "not_found");
        (await App.PutAsync("/v1/policies/defaults", "{}")).IsProblem(422, "invalid_request");
        Assert.Equal("at_issue", (await App.GetAsync("/v1/policies/defaults"))["policy"].GetProperty("collection").GetProperty("charge").GetString());
        (await App.PutAsync("/v1/accounts/on-mine", """{"name": "n", "emails": ["a@example.com"], "currency": "EUR", "policy": "mine"}""")).Succeeded();
    }
}
