using System.Text.Json;
using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>The gate over HTTP.</summary>
public sealed class GateTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private BillingApp App => postgres.App;

    [PostgresFact]
    public async Task Check_OfAnOverdueAccount_SaysEverythingThatACallerNeeds()
    {
        var story = await Story.BeginAsync(App, """["decline:insufficient_funds"]""");
        var invoice = await story.InvoiceAsync("I1", 2000, "automatic");
        await story.AdvanceAsync("2026-03-06T00:00:00Z");

        var denied = (await App.GetAsync($"{story.Path}/gate?operation=purchase")).Succeeded();

        Assert.False(denied["allowed"].GetBoolean());
        Assert.Equal(("overdue", "2026-03-06T00:00:00Z", 2000L, "USD"), (denied["standing"].GetString(), denied["decided_at"].GetString(), denied["amount_to_clear"].GetInt64(), denied["currency"].GetString()));
        Assert.Equal(invoice, denied["blockers"][0].GetProperty("invoices")[0].GetProperty("id").GetString());
        Assert.True((await App.GetAsync($"{story.Path}/gate?operation=payment.create"))["allowed"].GetBoolean());
        Assert.Equal("overdue", (await App.GetAsync(story.Path))["standing"].GetString());
    }

    [Theory]
    [InlineData(null, "/pay/led")]
    [InlineData("https://example.com/billing?of={account}", "https://example.com/billing?of=led")]
    public async Task Login_ThatIsLedToThePaymentPage_IsLedToTheCallersOwn_AndToNoPayLink(string? page, string redirect)
    {
        await using var app = await BillingApp.OnEmptyAsync(["--Billing:PublicUrl=https://billing.example.com", .. page is null ? Array.Empty<string>() : [$"--Billing:Mail:PayUrl={page}"]]);
        (await app.PutAsync("/v1/policies/leads", """{"standings": [{"name": "late", "when": {"unpaid_for": "0d"}, "deny": ["purchase"], "message": "Pay first.", "login_redirect": true}]}""")).Succeeded();
        (await app.PutAsync("/v1/accounts/led", """{"name": "A", "emails": ["a@example.com"], "currency": "USD", "policy": "leads", "test": true}""")).Succeeded();
        Assert.Equal(JsonValueKind.Null, (await app.GetAsync("/v1/accounts/led/gate?operation=login")).Succeeded()["redirect"].ValueKind);
        (await app.PutAsync("/v1/accounts/led/invoices/led-1", """{"lines": [{"description": "work", "amount": 900}], "collection": "manual"}""")).Succeeded();
        (await app.PostAsync("/v1/accounts/led/pay_links")).Succeeded();

        var login = (await app.GetAsync("/v1/accounts/led/gate?operation=login")).Succeeded();
        Assert.Equal((true, redirect), (login["allowed"].GetBoolean(), login["redirect"].GetString()));
        Assert.Equal(JsonValueKind.Null, (await app.GetAsync("/v1/accounts/led/gate?operation=purchase")).Succeeded()["redirect"].ValueKind);
        var batch = (await app.PostAsync("/v1/gate/check", """{"checks": [{"account": "led", "operation": "login"}]}""")).Succeeded();
        Assert.Equal(redirect, batch["data"][0].GetProperty("redirect").GetString());
    }

    [PostgresTheory]
    [InlineData("", 422, "invalid_request")]
    [InlineData("?operation=Purchase", 422, "invalid_request")]
    [InlineData("?operation=nobody.knows", 422, "operation_unknown")]
    [InlineData("?operation=purchase&min_version=x&context=", 422, "invalid_request")]
    [InlineData("?operation=purchase&min_version=999999", 503, "unavailable")]
    public async Task Check_ThatCannotBeAnswered_SaysWhy(string query, int status, string code)
    {
        var story = await Story.BeginAsync(App);
        (await App.GetAsync($"{story.Path}/gate{query}")).IsProblem(status, code);
        (await App.GetAsync("/v1/accounts/none/gate?operation=purchase")).IsProblem(404, "not_found");
    }

    [PostgresFact]
    public async Task CheckMany_AnswersInOrder_UpToTheBound()
    {
        var story = await Story.BeginAsync(App);
        var question = $$"""{"account": "{{story.Account}}", "operation": "purchase"}""";
        string Batch(IEnumerable<string> questions) => $$"""{"checks": [{{string.Join(",", questions)}}]}""";

        var mixed = (await App.PostAsync("/v1/gate/check", Batch([question, """{"account": "none", "operation": "login"}""", question.Replace("purchase", "nobody.knows", StringComparison.Ordinal)]))).Succeeded()["data"];
        Assert.True(mixed[0].GetProperty("allowed").GetBoolean());
        Assert.Equal("not_found", mixed[1].GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("operation_unknown", mixed[2].GetProperty("error").GetProperty("code").GetString());

        Assert.Equal(1000, (await App.PostAsync("/v1/gate/check", Batch(Enumerable.Repeat(question, 1000)))).Succeeded()["data"].GetArrayLength());
        Assert.Contains("checks", (await App.PostAsync("/v1/gate/check", Batch(Enumerable.Repeat(question, 1001)))).IsProblem(422, "invalid_request").ErrorPaths);
        Assert.Equal(["checks[0].account", "checks[0].operation"], (await App.PostAsync("/v1/gate/check", """{"checks": [{}]}""")).IsProblem(422, "invalid_request").ErrorPaths);
    }

    [PostgresFact]
    public async Task TestClock_GoesForwardOnly()
    {
        var story = await Story.BeginAsync(App);
        Assert.Equal("ready", (await story.AdvanceAsync("2027-03-01T00:00:00Z"))["status"].GetString());
        Assert.Equal(["to"], (await App.PostAsync($"/v1/test_clocks/{story.Clock}/advance", """{"to": "2026-03-01T00:00:00Z"}""")).IsProblem(422, "invalid_request").ErrorPaths);
        (await App.PutAsync($"/v1/test_clocks/{story.Clock}", """{"now": "2026-03-01T00:00:00Z"}""")).IsProblem(409, "id_taken");
        (await App.PostAsync("/v1/test_clocks/none/advance", """{"to": "2026-03-01T00:00:00Z"}""")).IsProblem(404, "not_found");
        Assert.Equal(JsonValueKind.Null, (await App.GetAsync(story.Path))["next"].ValueKind);
    }
}
