using System.Globalization;
using System.Text.Json.Nodes;
using Billing.Testing;
using Billing.Testing.Http;

namespace Billing.Cluster.Tests.Loads;

/// <summary>The calls that several of these tests make.</summary>
internal static class Callers
{
    /// <summary>Something of one's own to pay with, once.</summary>
    public static readonly object OneOff = new { wait_seconds = 10, one_off = new { gateway = "sandbox", token = "once", kind = "card" } };

    /// <summary>A policy under which an account is <c>late</c> from the instant at which an invoice is due, and <c>blocked</c> from the second one on.</summary>
    public static async Task PutPolicyAsync(this BillingClient client, string policy)
    {
        var document = JsonNode.Parse("""
            {
              "collection": { "charge": "at_due" },
              "standings": [
                { "name": "late", "when": { "unpaid_invoices": 1 }, "deny": ["purchase"], "message": "An invoice is unpaid." },
                { "name": "blocked", "when": { "unpaid_invoices": 2 }, "deny": ["purchase", "credits.use"], "message": "Two invoices are unpaid." }
              ]
            }
            """)!.AsObject();
        Done(await client.PutAsync("/v1/policies/" + policy, document));
    }

    /// <summary>A test account in real time, or on a clock.</summary>
    public static async Task PutAccountAsync(this BillingClient client, string account, string policy, string? clock = null)
    {
        string[] emails = ["owner@example.com"];
        Done(await client.PutAsync("/v1/accounts/" + account, clock is null
            ? new { name = account, emails, currency = "USD", policy, test = true }
            : new { name = account, emails, currency = "USD", policy, test_clock = clock }));
    }

    /// <summary>An invoice that nobody collects.</summary>
    public static async Task PutManualInvoiceAsync(this BillingClient client, string account, string invoice, long amount, DateTimeOffset dueAt)
    {
        object[] lines = [new { description = "work", amount }];
        Done(await client.PutAsync($"/v1/accounts/{account}/invoices/{invoice}", new { lines, collection = "manual", due_at = dueAt }));
    }

    /// <summary>Moves a clock and waits until it has arrived.</summary>
    public static async Task AdvanceAsync(this BillingClient client, string clock, DateTimeOffset to)
    {
        Done(await client.PostAsync($"/v1/test_clocks/{clock}/advance", new { to }, string.Create(CultureInfo.InvariantCulture, $"to-{to:s}")));
        await Eventually.GetAsync($"{clock} reaches {to:s}", async () => (await client.GetAsync("/v1/test_clocks/" + clock)).Text("status") == "ready" ? clock : null);
    }

    /// <summary>The recorded steps of standing, once there are so many.</summary>
    public static Task<IReadOnlyList<JsonObject>> TimelineAsync(this BillingClient client, string account, int steps) => Eventually.GetAsync(
        $"{account} has {steps} steps",
        async () => await client.ListAsync($"/v1/accounts/{account}/timeline") is var timeline && timeline.Count >= steps ? timeline : null);

    /// <summary>An instant of an answer.</summary>
    public static DateTimeOffset Instant(this JsonObject from, string name) => DateTimeOffset.Parse((string)from[name]!, CultureInfo.InvariantCulture);

    /// <summary>A whole number of milliseconds, as every instant of the house is.</summary>
    public static DateTimeOffset InMilliseconds(this DateTimeOffset instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds());

    /// <summary>An acknowledgement, where nothing else is to be expected.</summary>
    public static Answer Done(Answer answer)
    {
        Assert.True(answer.IsDone, answer.ToString());
        return answer;
    }
}
