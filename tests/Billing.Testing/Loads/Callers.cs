using System.Globalization;
using System.Text.Json.Nodes;
using Billing.Testing.Http;

namespace Billing.Testing.Loads;

/// <summary>The calls that several tests of whole processes make.</summary>
public static class Callers
{
    /// <summary>Something of one's own to pay with, once.</summary>
    public static readonly object OneOff = new { wait_seconds = 20, one_off = new { gateway = "sandbox", token = "once", kind = "card" } };

    /// <summary>No machine that is of any use needs so long to do what has to be done before a deadline.</summary>
    private static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(10);

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

    /// <summary>A clock at <see cref="Plan.Start"/>.</summary>
    public static async Task PutClockAsync(this BillingClient client, string clock) => Done(await client.PutAsync("/v1/test_clocks/" + clock, new { now = Plan.Start }));

    /// <summary>A test account in real time, or on a clock.</summary>
    public static async Task PutAccountAsync(this BillingClient client, string account, string policy, string? clock = null)
    {
        string[] emails = ["owner@example.com"];
        Done(await client.PutAsync("/v1/accounts/" + account, clock is null
            ? new { name = account, emails, currency = "USD", policy, test = true }
            : new { name = account, emails, currency = "USD", policy, test_clock = clock }));
    }

    /// <summary>A card on file.</summary>
    public static async Task PutCardAsync(this BillingClient client, string account, string token = "good") =>
        Done(await client.PutAsync($"/v1/accounts/{account}/payment_methods/card", new { gateway = "sandbox", token, kind = "card" }));

    /// <summary>An invoice that nobody collects.</summary>
    public static async Task PutManualInvoiceAsync(this BillingClient client, string account, string invoice, long amount, DateTimeOffset dueAt) =>
        Done(await client.TryPutInvoiceAsync(account, invoice, amount, "manual", dueAt));

    /// <summary>An invoice that is charged to the card on file.</summary>
    public static async Task PutAutomaticInvoiceAsync(this BillingClient client, string account, string invoice, long amount) =>
        Done(await client.PutAsync(InvoicePath(account, invoice), new { lines = Lines(amount), collection = "automatic" }));

    /// <summary>An invoice that is due as soon as this machine can issue it before that.</summary>
    /// <returns>When it is due.</returns>
    public static Task<DateTimeOffset> PutInvoiceDueSoonAsync(this BillingClient client, string account, string invoice, long amount, string collection) =>
        SoonAsync(TimeSpan.FromMilliseconds(500), dueAt => client.IsIssuedBeforeAsync(account, invoice, amount, collection, dueAt));

    /// <summary>Whether an invoice could still be issued before it was due.</summary>
    /// <exception cref="InvalidOperationException">It was refused for another reason.</exception>
    public static async Task<bool> IsIssuedBeforeAsync(this BillingClient client, string account, string invoice, long amount, string collection, DateTimeOffset dueAt)
    {
        var answer = await client.TryPutInvoiceAsync(account, invoice, amount, collection, dueAt);
        if (!answer.IsDone && !answer.ToString().Contains("due_at", StringComparison.Ordinal)) Done(answer);
        return answer.IsDone;
    }

    /// <summary>An instant so near as this machine can do before it what has to be done before it: each try has twice the time.</summary>
    /// <param name="ahead">The time of the first try.</param>
    /// <param name="isDoneBefore">Does it, and says whether it was in time.</param>
    public static async Task<DateTimeOffset> SoonAsync(TimeSpan ahead, Func<DateTimeOffset, Task<bool>> isDoneBefore)
    {
        for (; ahead <= MostAhead; ahead *= 2)
        {
            var instant = (DateTimeOffset.UtcNow + ahead).InMilliseconds();
            if (await isDoneBefore(instant)) return instant;
        }

        throw new InvalidOperationException($"It was not done within {ahead / 2}.");
    }

    /// <summary>Moves a clock and waits until it has arrived.</summary>
    public static async Task AdvanceAsync(this BillingClient client, string clock, DateTimeOffset to)
    {
        var path = "/v1/test_clocks/" + clock;
        Done(await client.PostAsync(path + "/advance", new { to }, string.Create(CultureInfo.InvariantCulture, $"{clock}-{to:s}")));
        await Eventually.UntilAsync(() => client.GetAsync(path), read => read.Text("status") == "ready", string.Create(CultureInfo.InvariantCulture, $"{clock} reaches {to:s}"));
    }

    /// <summary>The recorded steps of standing, once there are so many.</summary>
    public static Task<IReadOnlyList<JsonObject>> TimelineAsync(this BillingClient client, string account, int steps) =>
        Eventually.UntilAsync(() => client.ListAsync($"/v1/accounts/{account}/timeline"), timeline => timeline.Count >= steps, $"{account} has {steps} steps");

    /// <summary>An instant of an answer.</summary>
    public static DateTimeOffset Instant(this JsonObject from, string name) => DateTimeOffset.Parse((string)from[name]!, CultureInfo.InvariantCulture);

    /// <summary>A whole number of milliseconds, as every instant of the house is.</summary>
    public static DateTimeOffset InMilliseconds(this DateTimeOffset instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds());

    /// <summary>An acknowledgement, where nothing else is to be expected.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public static Answer Done(Answer answer) => answer.IsDone ? answer : throw new InvalidOperationException($"Answered {answer}");

    private static Task<Answer> TryPutInvoiceAsync(this BillingClient client, string account, string invoice, long amount, string collection, DateTimeOffset dueAt) =>
        client.PutAsync(InvoicePath(account, invoice), new { lines = Lines(amount), collection, due_at = dueAt });

    private static string InvoicePath(string account, string invoice) => $"/v1/accounts/{account}/invoices/{invoice}";

    private static object[] Lines(long amount) => [new { description = "work", amount }];
}
