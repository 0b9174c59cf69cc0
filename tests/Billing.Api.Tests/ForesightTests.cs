using System.Text.Json;
using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>What will happen, why it stands so, and what another policy would make of it.</summary>
public sealed class ForesightTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private const string Strict = """{"standings": [{"name": "late", "when": {"unpaid_for": "0d"}, "deny": ["purchase"], "message": "Pay first."}, {"name": "stopped", "when": {"in_standing": {"late": "2d"}}, "deny": ["purchase"], "message": "Pay first."}]}""";

    private BillingApp App => postgres.App;

    [PostgresFact]
    public async Task Forecast_TellsAttemptsAndTheStep_WithRuleAndSource()
    {
        var story = await DeclinedAsync();

        var forecast = (await App.GetAsync(story.Path + "/forecast")).Succeeded();

        Assert.Equal(("2026-03-01T00:00:00Z", false, "USD"), (forecast["from"].GetString(), forecast["truncated"].GetBoolean(), forecast["currency"].GetString()));
        Assert.Equal("2027-04-05T00:00:00Z", forecast["until"].GetString());
        var entries = forecast["data"].EnumerateArray().ToArray();
        Assert.Equal(
            ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"],
            entries.Where(entry => Text(entry, "kind") == "rung.ended").Select(entry => Text(entry, "at")![..10]));
        var step = entries.Single(entry => Text(entry, "kind") == "standing.changed");
        Assert.Equal(("overdue", "good", "2026-03-06T00:00:00Z"), (Text(step, "standing"), Text(step, "before"), Text(step, "at")));
        Assert.Equal("/standings/0/when", Text(step.GetProperty("rule"), "path"));
        Assert.StartsWith("If automatic payment retries fail", Text(step.GetProperty("rule"), "source"), StringComparison.Ordinal);
        var next = (await App.GetAsync(story.Path))["next"];
        Assert.Equal((Text(step, "standing"), Text(step, "at")), (Text(next, "standing"), Text(next, "at")));
    }

    [PostgresFact]
    public async Task Explain_OfAnOverdueAccount_NamesConditionInvoiceAndInstant()
    {
        var story = await DeclinedAsync();
        await story.AdvanceAsync("2026-03-07T00:00:00Z");

        var told = (await App.GetAsync(story.Path + "/explain")).Succeeded();

        Assert.Equal(("overdue", "2026-03-06T00:00:00Z"), (told["standing"].GetString(), told["standing_since"].GetString()));
        var present = Assert.Single(told["standings"].EnumerateArray());
        Assert.Equal(("present", "/standings/0/when"), (Text(present, "place"), Text(present.GetProperty("rule"), "path")));
        var condition = Assert.Single(present.GetProperty("conditions").EnumerateArray());
        Assert.Equal(("retries_exhausted", "2026-03-06T00:00:00Z"), (Text(condition, "condition"), Text(condition, "from")));
        Assert.Equal($"{story.Account}-I1", Assert.Single(condition.GetProperty("invoices").EnumerateArray()).GetString());
        Assert.Equal(
            [
                "The account has been overdue since 2026-03-06 00:00 UTC, under version 1 of policy cloudflare.",
                "It is overdue because the last planned attempt passed without payment, from 2026-03-06 00:00 UTC on (INV-000001).",
                "Invoice INV-000001 has been unpaid since 2026-03-01 00:00 UTC: 20.00 USD is due on it.",
                "Paying all that is unpaid, 20.00 USD, makes the standing good at once.",
            ],
            told["sentences"].EnumerateArray().Select(sentence => sentence.GetString()));
    }

    [PostgresFact]
    public async Task Foresight_OfNobody_IsNotFound()
    {
        (await App.GetAsync("/v1/accounts/nobody/forecast")).IsProblem(404, "not_found");
        (await App.GetAsync("/v1/accounts/nobody/explain")).IsProblem(404, "not_found");
    }

    [PostgresFact]
    public async Task Preview_OfNamedAccounts_TellsWhoWouldChange_AndStoresNothing()
    {
        var (debtor, payer) = (await DeclinedAsync(), await Story.BeginAsync(App));
        var before = (await App.GetAsync(debtor.Path)).Text;

        var preview = (await App.PostAsync("/v1/policies/preview", $$"""{"policy": {{Strict}}, "accounts": ["{{debtor.Account}}", "{{payer.Account}}"]}""")).Succeeded();

        var rows = preview["data"].EnumerateArray().ToArray();
        Assert.Equal((debtor.Account, "good", "late", true), (Text(rows[0], "account"), Text(rows[0], "standing"), Text(rows[0], "would_be"), rows[0].GetProperty("changes").GetBoolean()));
        Assert.Equal((payer.Account, "good", "good", false), (Text(rows[1], "account"), Text(rows[1], "standing"), Text(rows[1], "would_be"), rows[1].GetProperty("changes").GetBoolean()));
        var step = Assert.Single(rows[0].GetProperty("next").EnumerateArray());
        Assert.Equal(("stopped", "2026-03-03T00:00:00Z"), (Text(step, "standing"), Text(step, "at")));
        Assert.Equal((2, 1), (preview["summary"].GetProperty("accounts").GetInt32(), preview["summary"].GetProperty("change_now").GetInt32()));
        Assert.Equal("""{"good":1,"late":1}""", preview["summary"].GetProperty("by_standing").GetRawText());
        Assert.Equal(before, (await App.GetAsync(debtor.Path)).Text);
        (await App.GetAsync("/v1/policies/preview")).IsProblem(404, "not_found");
    }

    [PostgresFact]
    public async Task Preview_OfAllOnAPolicy_IsPaged()
    {
        var policy = "preview-" + Guid.NewGuid().ToString("N");
        (await App.PutAsync("/v1/policies/" + policy, """{"standings": []}""")).Succeeded();
        var stories = new List<Story>();
        for (var i = 0; i < 3; i++)
        {
            stories.Add(await Story.BeginAsync(App));
            (await App.PutAsync(stories[i].Path, $$"""{"policy": "{{policy}}"}""")).Succeeded();
        }

        var first = (await App.PostAsync("/v1/policies/preview", $$"""{"policy": {{Strict}}, "policy_id": "{{policy}}", "limit": 2}""")).Succeeded();
        var second = (await App.PostAsync("/v1/policies/preview", $$"""{"policy": {{Strict}}, "policy_id": "{{policy}}", "limit": 2, "after": "{{first["next"].GetString()}}"}""")).Succeeded();

        Assert.Equal((2, 1), (first["data"].GetArrayLength(), second["data"].GetArrayLength()));
        Assert.Equal(JsonValueKind.Null, second["next"].ValueKind);
        Assert.Equal(stories.Select(story => story.Account).Order(), first["data"].EnumerateArray().Concat(second["data"].EnumerateArray()).Select(row => Text(row, "account")).Order());
    }

    [PostgresFact]
    public async Task Preview_OfAPolicyWithErrors_ListsThemAll()
    {
        var refused = (await App.PostAsync("/v1/policies/preview", """{"policy": {"standings": [{"name": "good", "when": {}}], "colour": 1}, "accounts": ["a"]}""")).IsProblem(422, "policy_invalid");
        Assert.True(refused.ErrorPaths.Length >= 3, refused.Text);
    }

    [PostgresTheory]
    [InlineData("""{"policy": {"standings": []}}""", "")]
    [InlineData("""{"policy": {"standings": []}, "accounts": ["a"], "policy_id": "p"}""", "")]
    [InlineData("""{"policy": {"standings": []}, "accounts": []}""", "accounts")]
    [InlineData("""{"policy": {"standings": []}, "accounts": ["a", "a"]}""", "accounts[1]")]
    [InlineData("""{"policy": {"standings": []}, "accounts": ["nobody"]}""", "accounts[0]")]
    [InlineData("""{"policy": {"standings": []}, "policy_id": "p", "limit": 1001}""", "limit")]
    [InlineData("""{"policy": {"standings": []}, "policy_id": "cloudflare", "after": "?"}""", "after")]
    [InlineData("""{"accounts": ["a"]}""", "policy")]
    [InlineData("""{"policy": {"standings": []}, "policy_id": "p", "colour": 1}""", "colour")]
    public async Task Preview_OfABadRequest_NamesTheField(string body, string path) =>
        Assert.Contains(path, (await App.PostAsync("/v1/policies/preview", body)).IsProblem(422, "invalid_request").ErrorPaths);

    private async Task<Story> DeclinedAsync()
    {
        var story = await Story.BeginAsync(App, """["decline:insufficient_funds"]""");
        await story.InvoiceAsync(collection: "automatic");
        await story.QuietAsync();
        return story;
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
