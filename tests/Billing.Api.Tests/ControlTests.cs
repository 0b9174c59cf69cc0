using System.Text.Json;
using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Billing.Testing;
using NodaTime;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>What an operator pauses for the whole installation, in real time over the real store.</summary>
public sealed class ControlTests(PostgresApp postgres) : IClassFixture<PostgresApp>
{
    private BillingApp App => postgres.App;

    [PostgresFact]
    public async Task Escalations_PausedAndLetGoOn_TheStandingOfThatInstantIsEntered()
    {
        await BeginAsync("worse", """["decline:insufficient_funds"]""");
        var paused = await PutAsync("""{"escalations_paused": true, "reason": "A bad policy"}""");
        Assert.True(paused["escalations_paused"].GetBoolean());
        await IssueAsync("worse");
        await UntilAsync("/v1/invoices/worse-1", invoice => invoice.GetProperty("unpaid_since").ValueKind == JsonValueKind.String);
        Assert.Equal("good", (await App.GetAsync("/v1/accounts/worse"))["standing"].GetString());

        var goesOn = await PutAsync("""{"escalations_paused": null, "reason": "Mended"}""");

        Assert.False(goesOn["escalations_paused"].GetBoolean());
        var pause = goesOn["pauses"][0];
        Assert.Equal(("escalations", "A bad policy"), (pause.GetProperty("kind").GetString(), pause.GetProperty("reason").GetString()));
        Assert.Equal("late", (await App.GetAsync("/v1/accounts/worse"))["standing"].GetString());
        // Not only derived when asked: it is woken, and the step is on record with the end of the pause as its instant.
        var timeline = await UntilAsync("/v1/accounts/worse/timeline", list => list.GetProperty("data").EnumerateArray().Any(entry => entry.GetProperty("standing").GetString() == "late"));
        Assert.Equal(pause.GetProperty("until").GetString(), timeline["data"].EnumerateArray().Last().GetProperty("effective_at").GetString());
        var events = (await App.GetAsync("/v1/events?limit=200"))["data"].EnumerateArray().Where(e => e.GetProperty("type").GetString() == "control.changed").ToArray();
        Assert.Contains(events, e => e.GetProperty("account").ValueKind == JsonValueKind.Null && e.GetProperty("data").GetProperty("reason").GetString() == "Mended");
    }

    [PostgresFact]
    public async Task Escalations_PausedWhenAStepIsDue_TheAccountIsNotDueAnyMoreAndIsToBeWoken()
    {
        await BeginAsync("put-off", """["decline:insufficient_funds"]""", """{"unpaid_for": "1d"}""");
        await IssueAsync("put-off");
        await UntilAsync("/v1/invoices/put-off-1", invoice => invoice.GetProperty("unpaid_since").ValueKind == JsonValueKind.String);
        var due = (await EntryAsync("put-off")).Due;
        Assert.NotNull(due);
        await PutAsync("""{"escalations_paused": true, "reason": "A bad policy"}""");

        await App.Grains.Account("put-off").WakeUp(new Call(new Wake(), due.Value));

        var paused = await EntryAsync("put-off");
        Assert.Null(paused.Due);
        Assert.True(paused.Summary.GetProperty("waits_for_escalations").GetBoolean());
        await PutAsync("""{"escalations_paused": false, "reason": "Mended"}""");
        await UntilAsync("/v1/accounts/put-off/timeline", list => list.GetProperty("data").GetArrayLength() > 0);
        Assert.False((await EntryAsync("put-off")).Summary.TryGetProperty("waits_for_escalations", out _));
    }

    [PostgresFact]
    public async Task Collection_PausedAndLetGoOn_WhatWaitedIsCharged()
    {
        await BeginAsync("rungs", """["ok"]""");
        await PutAsync("""{"collection_paused": true, "reason": "The gateway is down"}""");
        await IssueAsync("rungs");
        Assert.Empty((await App.GetAsync("/v1/sandbox/charges?account=rungs"))["data"].EnumerateArray());
        Assert.Equal("open", (await App.GetAsync("/v1/invoices/rungs-1"))["status"].GetString());

        await PutAsync("""{"collection_paused": false, "reason": "It is up again"}""");

        await UntilAsync("/v1/invoices/rungs-1", invoice => invoice.GetProperty("status").GetString() == "paid");
    }

    [PostgresFact]
    public async Task Put_WithoutAReason_IsRefused()
    {
        Assert.Equal(["reason"], (await App.PutAsync("/v1/controls", """{"collection_paused": true}""")).IsProblem(422, "invalid_request").ErrorPaths);
        Assert.Equal(["everything_paused"], (await App.PutAsync("/v1/controls", """{"everything_paused": true, "reason": "x"}""")).IsProblem(422, "invalid_request").ErrorPaths);
        Assert.False((await App.GetAsync("/v1/controls")).Succeeded()["collection_paused"].GetBoolean());
    }

    [PostgresFact]
    public async Task DeletionBrake_BeyondTheLimit_IsOnTheListAndMayBeResolved()
    {
        var brake = App.Grains.Brake(GrainKeys.DeletionBrake);
        var now = SystemClock.Instance.GetCurrentInstant();
        for (var i = 0; i <= 100; i++) await brake.Execute(new Call(new AskDeletion("nobody", now), now));

        var entry = (await App.GetAsync("/v1/attention"))["data"][0];

        Assert.Equal(("deletion_brake", JsonValueKind.Null), (entry.GetProperty("kind").GetString(), entry.GetProperty("account").ValueKind));
        (await App.PostAsync($"/v1/attention/{entry.GetProperty("id").GetString()}/resolve")).Succeeded();
        Assert.DoesNotContain((await App.GetAsync("/v1/attention"))["data"].EnumerateArray(), left => left.GetProperty("kind").GetString() == "deletion_brake");
    }

    private async Task<IndexEntry> EntryAsync(string account) =>
        Assert.Single((await App.Index.ListAsync(new IndexQuery("account") { Where = new Dictionary<string, string>(StringComparer.Ordinal) { ["id"] = account } })).Entries);

    private async Task BeginAsync(string account, string script, string when = """{"collection_failed": true}""")
    {
        (await App.PutAsync("/v1/policies/of-" + account, $$$"""{"collection": {"retry_after": ["30d"]}, "standings": [{"name": "late", "when": {{{when}}}, "deny": ["purchase"], "message": "Pay first."}]}""")).Succeeded();
        (await App.PutAsync("/v1/accounts/" + account, """{"name": "Tester", "emails": ["owner@example.com"], "currency": "USD", "policy": "of-ACCOUNT", "test": true}""".Replace("ACCOUNT", account, StringComparison.Ordinal))).Succeeded();
        (await App.PutAsync($"/v1/sandbox/methods/tok-{account}", $$"""{"script": {{script}}}""")).Succeeded();
        (await App.PutAsync($"/v1/accounts/{account}/payment_methods/card", $$"""{"gateway": "sandbox", "token": "tok-{{account}}", "kind": "card"}""")).Succeeded();
    }

    private async Task IssueAsync(string account) =>
        (await App.PutAsync($"/v1/accounts/{account}/invoices/{account}-1", """{"lines": [{"description": "work", "amount": 2000}]}""")).Succeeded();

    private async Task<Answer> PutAsync(string body) => (await App.PutAsync("/v1/controls", body)).Succeeded();

    private Task<Answer> UntilAsync(string path, Func<JsonElement, bool> isReached) => Eventually.GetAsync(path, async () => (await App.GetAsync(path)).Succeeded() is var answer && isReached(answer.Json) ? answer : null);
}
