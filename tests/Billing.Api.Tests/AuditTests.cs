using System.Text.Json;
using Billing.Api.Keys;
using Billing.Domain;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>What an operator does is in the event log with the key that did it, in the write of its effect.</summary>
public sealed class AuditTests
{
    /// <summary>They store nothing, or play the world outside, whose ledger is their record.</summary>
    private static readonly string[] s_notRecorded =
    [
        "POST /v1/policies/validate", "POST /v1/policies/preview", "PUT /v1/sandbox/methods/{token}", "POST /v1/sandbox/charges/{charge}/settle", "POST /v1/sandbox/charges/{charge}/dispute",
    ];

    [Fact]
    public async Task EveryActionOfAnOperator_NamesTheKey()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        var made = (await app.PostAsync("/v1/keys", """{"name": "operator", "scopes": ["operate"]}""")).Succeeded();
        var audit = new Audit(app, made["id"].GetString()!, made["secret"].GetString()!, await Story.BeginAsync(app));

        await audit.RunAsync();

        var commands = app.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<Needed>()!.Any.Contains(Scope.Operate)).Select(ScopeTests.Name).Where(name => !name.StartsWith("GET ", StringComparison.Ordinal));
        Assert.Equal([], commands.Except(s_notRecorded, StringComparer.Ordinal).Except(audit.Done, StringComparer.Ordinal));
    }

    [Fact]
    public async Task PassedStepsOfTime_AreNobodys()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        var story = await Story.BeginAsync(app, """["decline:insufficient_funds"]""");
        await story.InvoiceAsync(collection: "automatic");
        await story.AdvanceAsync("2026-03-08T00:00:00Z");

        var changed = (await app.GetAsync($"/v1/events?account={story.Account}&limit=200")).Succeeded()["data"].EnumerateArray().Where(row => row.GetProperty("type").GetString() is "standing.changed" or "rung.ended").ToArray();
        Assert.NotEmpty(changed);
        Assert.All(changed.Skip(1), row => Assert.False(row.GetProperty("data").TryGetProperty("by", out _)));
    }

    [Theory]
    [InlineData("a\tb")]
    [InlineData("  ")]
    public async Task Reason_ThatCannotBeKept_IsRefused(string reason)
    {
        await using var app = await BillingApp.OnEmptyAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/policies/x") { Content = new StringContent("{}") };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + BillingApp.Key);
        request.Headers.TryAddWithoutValidation("Billing-Reason", reason + reason);

        Assert.Equal(["Billing-Reason"], (await app.SendAsync(request)).IsProblem(422, "invalid_request").ErrorPaths);
    }

    private sealed class Audit(BillingApp app, string key, string secret, Story story)
    {
        private const string Reason = "ticket 4711";

        private long _seen;

        public List<string> Done { get; } = [];

        public async Task RunAsync()
        {
            var account = story.Path;
            await ActAsync("PUT /v1/accounts/{account}/holds/{category}", account + "/holds/manual", """{"deny": ["purchase"], "reason": "Under review"}""", "hold.set");
            await ActAsync("DELETE /v1/accounts/{account}/holds/{category}", account + "/holds/manual", null, "hold.lifted");
            await ActAsync("PUT /v1/accounts/{account}/controls", account + "/controls", """{"enforcement_off": true}""", "control.changed");
            await ActAsync("PUT /v1/controls", "/v1/controls", """{"collection_paused": true, "reason": "test"}""", "control.changed");
            await ActAsync("PUT /v1/controls", "/v1/controls", """{"collection_paused": null, "reason": "test"}""", "control.changed");
            await ActAsync("POST /v1/accounts/{account}/extension", account + "/extension", """{"until": "2026-04-01T00:00:00Z", "reason": "promised"}""", "control.changed");
            await ActAsync("DELETE /v1/accounts/{account}/extension", account + "/extension", null, "control.changed");
            (await app.PutAsync("/v1/policies/noted", """{"collection": {"notices": {"issued": "invoice"}}, "standings": [{"name": "late", "when": {"unpaid_for": "3d"}, "deny": ["purchase"], "message": "Pay first."}]}""")).Succeeded();
            (await app.PutAsync("/v1/accounts/noted", """{"name": "N", "emails": ["n@example.com"], "currency": "USD", "policy": "noted", "test": true}""")).Succeeded();
            (await app.PutAsync("/v1/accounts/noted/invoices/noted-1", """{"lines": [{"description": "work", "amount": 900}], "collection": "manual"}""")).Succeeded();
            await ActAsync("POST /v1/notices/{notice}/bounced", "/v1/notices/noted~notice~1/bounced", "{}", "notice.bounced");
            var entry = (await app.GetAsync("/v1/attention")).Succeeded()["data"].EnumerateArray().First(entry => entry.GetProperty("kind").GetString() == "notice_bounced").GetProperty("id").GetString();
            await ActAsync("POST /v1/attention/{entry}/resolve", $"/v1/attention/{entry}/resolve", "{}", "attention.resolved");
            await ActAsync("POST /v1/notices/{notice}/attest", "/v1/notices/noted~notice~1/attest", """{"evidence": "a letter"}""", "notice.delivered");
            await InvoicesAsync();
            await MoneyAsync();
            await PoliciesAsync();
            await SubscribersAsync();
            await ActAsync("PUT /v1/test_clocks/{clock}", "/v1/test_clocks/audit", """{"now": "2026-03-01T00:00:00Z"}""", "clock.set");
            await ActAsync("POST /v1/test_clocks/{clock}/advance", "/v1/test_clocks/audit/advance", """{"to": "2026-03-02T00:00:00Z"}""", "clock.advanced");
            var made = await ActAsync("POST /v1/keys", "/v1/keys", """{"name": "another", "scopes": ["operate"]}""", "key.created");
            await ActAsync("DELETE /v1/keys/{key}", "/v1/keys/" + made["id"].GetString(), null, "key.revoked");
        }

        private async Task InvoicesAsync()
        {
            var (first, second) = (await story.InvoiceAsync("A1"), await story.InvoiceAsync("A2"));
            await ActAsync("POST /v1/invoices/{invoice}/adjust", $"/v1/invoices/{first}/adjust", """{"amount": 500, "reason": "outage"}""", "invoice.adjusted");
            await ActAsync("POST /v1/invoices/{invoice}/write_off", $"/v1/invoices/{first}/write_off", "{}", "invoice.written_off");
            await ActAsync("POST /v1/invoices/{invoice}/undo_write_off", $"/v1/invoices/{first}/undo_write_off", "{}", "invoice.written_off");
            await ActAsync("POST /v1/invoices/{invoice}/void", $"/v1/invoices/{second}/void", "{}", "invoice.voided");
        }

        private async Task MoneyAsync()
        {
            await ActAsync("POST /v1/accounts/{account}/payments", story.Path + "/payments", """{"amount": 700, "reference": "wire-1"}""", "payment.succeeded");
            await ActAsync("POST /v1/accounts/{account}/credits", story.Path + "/credits", """{"kind": "promo", "amount": 100}""", "credit.granted");
            var paid = (await app.PostAsync($"/v1/invoices/{await story.InvoiceAsync("A3")}/pay")).Succeeded()["id"].GetString();
            await ActAsync("POST /v1/payments/{payment}/refund", $"/v1/payments/{paid}/refund", """{"amount": 300}""", "payment.refunded");
            await ActAsync("POST /v1/payments/{payment}/reverse", $"/v1/payments/{paid}/reverse", """{"amount": 200, "reason": "chargeback"}""", "payment.reversed");
            // With nothing open, money received is prepayment that can be sent back.
            (await app.PostAsync(story.Path + "/pay")).Succeeded();
            (await app.PostAsync(story.Path + "/payments", """{"amount": 700, "reference": "wire-2"}""")).Succeeded();
            await ActAsync("POST /v1/accounts/{account}/credits/refund", story.Path + "/credits/refund", """{"amount": 100}""", "payment.refunded");
            var lost = await story.TokenAsync("lost", """["timeout"]""");
            var unknown = await app.PostAsync($"/v1/invoices/{await story.InvoiceAsync("A5")}/pay", $$"""{"one_off": {"gateway": "sandbox", "token": "{{lost}}", "kind": "card"}, "wait_seconds": 1}""");
            await ActAsync("POST /v1/payments/{payment}/resolve", $"/v1/payments/{unknown["id"].GetString()}/resolve", """{"outcome": "not_captured", "evidence": "the gateway's list"}""", "attention.resolved");
        }

        private async Task PoliciesAsync()
        {
            const string document = """{"standings": [{"name": "late", "when": {"unpaid_for": "3d"}, "deny": ["purchase"], "message": "Pay first."}], "description": "%"}""";
            await ActAsync("PUT /v1/policies/{policy}", "/v1/policies/audit", document.Replace('%', '1'), "policy.changed");
            (await app.PutAsync("/v1/accounts/audit", """{"name": "A", "emails": ["a@example.com"], "currency": "USD", "policy": "audit", "test": true}""")).Succeeded();
            (await app.PutAsync("/v1/accounts/audit/invoices/audit-1", """{"lines": [{"description": "work", "amount": 900}], "collection": "manual"}""")).Succeeded();
            (await app.PutAsync("/v1/policies/audit", document.Replace('%', '2'))).Succeeded();
            await ActAsync("POST /v1/accounts/{account}/episode/move", "/v1/accounts/audit/episode/move", """{"policy": "audit", "version": 2}""", "policy.changed");
        }

        private async Task SubscribersAsync()
        {
            const string path = "/v1/webhook_endpoints/audit";
            await ActAsync("PUT /v1/webhook_endpoints/{endpoint}", path, """{"url": "https://example.com/hooks?token=secret", "events": ["key.*"]}""", "webhook_endpoint.set");
            await ActAsync("PUT /v1/webhook_endpoints/{endpoint}", path, """{"enabled": false}""", "webhook_endpoint.set");
            await ActAsync("POST /v1/webhook_endpoints/{endpoint}/rotate", path + "/rotate", "{}", "webhook_endpoint.rotated");
            await ActAsync("POST /v1/webhook_endpoints/{endpoint}/replay", path + "/replay", """{"after": 0}""", "webhook_endpoint.replayed");
            await ActAsync("DELETE /v1/webhook_endpoints/{endpoint}", path, null, "webhook_endpoint.deleted");
        }

        private async Task<Answer> ActAsync(string name, string path, string? body, string type)
        {
            using var request = new HttpRequestMessage(new HttpMethod(name.Split(' ')[0]), path);
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + secret);
            request.Headers.TryAddWithoutValidation("Idempotency-Key", $"audit-{Done.Count}");
            request.Headers.TryAddWithoutValidation("Billing-Reason", Reason);
            if (body is not null) request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            var answer = (await app.SendAsync(request)).Succeeded();

            var found = false;
            while (true)
            {
                var page = (await app.GetAsync($"/v1/events?after={_seen}&limit=200")).Succeeded();
                foreach (var row in page["data"].EnumerateArray())
                {
                    _seen = row.GetProperty("seq").GetInt64();
                    var data = row.GetProperty("data");
                    found |= row.GetProperty("type").GetString() == type && data.TryGetProperty("by", out var by) && by.GetString() == key && data.GetProperty("reason").ValueKind == JsonValueKind.String;
                }

                if (page["next"].ValueKind == JsonValueKind.Null) break;
            }

            Assert.True(found, $"No {type} of {name} names the key.");
            Done.Add(name);
            return answer;
        }
    }
}
