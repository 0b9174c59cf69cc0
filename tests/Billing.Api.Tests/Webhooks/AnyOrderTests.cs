using System.Text.Json;
using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests.Webhooks;

/// <summary>
/// Whatever the order in which a set of gateways' events comes, how often each comes and how long it takes, the account ends as
/// after the orderly history.
/// </summary>
/// <remarks>
/// Implementation note: each money names its invoice. Where it does not, which money pays which invoice depends on the order
/// in which it came, and a later refund is then a credit note for the invoice or a smaller credit.
/// </remarks>
public sealed class AnyOrderTests(DoorsApp doors) : IClassFixture<DoorsApp>
{
    private static int _count;

    [PostgresTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Events_InAnyOrder_EndAsTheOrderlyHistory(int seed)
    {
        var orderly = await RunAsync(seed, (events, _) => events.Select(told => (told, IsWaited: true)));
        var mixed = await RunAsync(seed, (events, random) =>
        {
            var all = events.SelectMany(told => Enumerable.Repeat(told, random.Next(1, 4))).ToArray();
            random.Shuffle(all);
            return all.Select(told => (told, IsWaited: random.Next(4) == 0));
        });

        Assert.Equal(orderly, mixed);
    }

    private async Task<string> RunAsync(int seed, Func<Func<Gateways, Task<Answer>>[], Random, IEnumerable<(Func<Gateways, Task<Answer>> Told, bool IsWaited)>> order)
    {
        var (app, account) = (doors.App, $"any-{seed}-{Interlocked.Increment(ref _count)}");
        (await app.PutAsync("/v1/accounts/" + account, """{"name": "Any", "emails": ["owner@example.com"], "currency": "USD", "policy": "hooked"}""")).Succeeded();
        for (var i = 0; i < 3; i++) (await app.PutAsync($"/v1/accounts/{account}/invoices/{account}-{i}", """{"lines": [{"description": "work", "amount": 3000}], "collection": "manual"}""")).Succeeded();

        var events = History(new Random(seed), account);
        foreach (var (told, isWaited) in order(events, new Random(seed + 1_000)))
        {
            (await told(new Gateways(app))).Is(204);
            if (isWaited) await DoorsApp.QuietAsync(app);
        }

        await DoorsApp.QuietAsync(app);
        return await ShownAsync(app, account);
    }

    /// <summary>What happened, in order: money for each invoice, some of it sent back, disputed, or both of it.</summary>
    private static Func<Gateways, Task<Answer>>[] History(Random random, string account)
    {
        var all = new List<Func<Gateways, Task<Answer>>>();
        for (var i = 0; i < 6; i++)
        {
            var (invoice, charge, amount, ids) = ($"{account}-{i / 2}", $"pi_{account}_{i}", random.Next(500, 1_501), Enumerable.Range(0, 8).Select(_ => Gateways.NextEvent()).ToArray());
            if (random.Next(3) == 0)
            {
                all.Add(to => to.BankAsync("payment.received", account, amount, charge, invoice, id: ids[0]));
                if (random.Next(2) == 0) all.Add(to => to.BankAsync("payment.refunded", account, amount / 2, charge, id: ids[1]));
                continue;
            }

            var isDisputed = random.Next(2) == 0;
            var refunded = random.Next(3) switch { 0 => 0, 1 => amount / 3, _ => amount / 2 };
            all.Add(to => to.StripeAsync("payment_intent.processing", $$"""{"id": "{{charge}}", "amount": {{amount}}, "currency": "usd", "metadata": {"billing_account": "{{account}}", "billing_invoice": "{{invoice}}"} }""", ids[2]));
            all.Add(to => to.StripeAsync("payment_intent.succeeded", $$"""{"id": "{{charge}}", "amount_received": {{amount}}, "currency": "usd", "metadata": {"billing_account": "{{account}}", "billing_invoice": "{{invoice}}"} }""", ids[0]));
            if (refunded > 0)
            {
                all.Add(to => to.StripeAsync("charge.refunded", $$"""{"id": "ch_{{charge}}", "payment_intent": "{{charge}}", "amount_refunded": {{refunded}}, "currency": "usd"}""", ids[1]));
                all.Add(to => to.StripeAsync("refund.updated", $$"""{"id": "re_{{charge}}", "payment_intent": "{{charge}}", "amount": {{refunded}}, "currency": "usd", "status": "succeeded"}""", ids[3]));
            }

            if (!isDisputed) continue;
            var status = random.Next(2) == 0 ? "lost" : "won";
            all.Add(to => to.StripeAsync("charge.dispute.created", $$"""{"id": "dp_{{charge}}", "payment_intent": "{{charge}}", "amount": {{amount - refunded}}, "currency": "usd", "status": "needs_response"}""", ids[4]));
            all.Add(to => to.StripeAsync("charge.dispute.funds_withdrawn", $$"""{"id": "dp_{{charge}}", "payment_intent": "{{charge}}", "amount": {{amount - refunded}}, "currency": "usd", "status": "needs_response"}""", ids[5]));
            all.Add(to => to.StripeAsync("charge.dispute.closed", $$"""{"id": "dp_{{charge}}", "payment_intent": "{{charge}}", "amount": {{amount - refunded}}, "currency": "usd", "status": "{{status}}"}""", ids[6]));
        }

        return [.. all];
    }

    /// <summary>Balances and standing, with what is the account's own name left out.</summary>
    private static async Task<string> ShownAsync(BillingApp app, string account)
    {
        var shown = (await app.GetAsync("/v1/accounts/" + account)).Succeeded();
        var lines = new List<string> { $"{shown["standing"]}, due {shown["amount_due"]}, unpaid {shown["amount_unpaid"]}, credit {shown["credit"].GetProperty("prepayment")}" };
        for (var i = 0; i < 3; i++)
        {
            var invoice = (await app.GetAsync($"/v1/invoices/{account}-{i}")).Succeeded();
            lines.Add($"invoice {i}: {invoice["status"]}, due {invoice["amount_due"]}, paid {invoice["amount_paid"]}");
        }

        var payments = (await app.GetAsync($"/v1/accounts/{account}/payments?limit=200")).Succeeded()["data"].EnumerateArray().Select(payment =>
            $"{payment.GetProperty("id")}: {payment.GetProperty("status")}, captured {Number(payment, "captured")}, refunded {Number(payment, "refunded")}, reversed {Number(payment, "reversed")}");
        return string.Join('\n', lines.Concat(payments.Order(StringComparer.Ordinal))).Replace(account, "account", StringComparison.Ordinal);
    }

    private static long Number(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;
}
