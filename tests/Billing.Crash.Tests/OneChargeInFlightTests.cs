using System.Globalization;
using Billing.Crash.Tests.Processes;
using Billing.Testing.Http;
using Billing.Testing.Loads;
using Billing.Testing.Processes;
using Billing.Testing;

namespace Billing.Crash.Tests;

/// <summary>One charge in flight for an invoice is a stored reservation: neither a crash nor haste makes two of one.</summary>
public sealed class OneChargeInFlightTests
{
    private static readonly object OneOff = new { wait_seconds = 20, one_off = new { gateway = "sandbox", token = "once", kind = "card" } };

    [PostgresFact]
    public async Task Crash_BetweenReservationAndGateway_KeepsTheReservation_UntilTheGatewayHasSaidThatNothingMoved()
    {
        await using var installation = await Installation.CreateAsync("in_flight");
        var client = installation.Client;
        await installation.StartAsync("before_gateway:1");
        Done(await client.PutAsync("/v1/test_clocks/clock", new { now = Plan.Start }));
        await AccountAsync(client, "a", "cloudflare", "clock");
        await InvoiceAsync(client, "a", "i", 4711, "manual", Plan.Start.AddDays(60));

        Assert.Null(await client.TryPostAsync("/v1/invoices/i/pay", OneOff, "first"));
        Assert.Equal(ServiceProcess.Killed, await installation.ExitAsync());
        await installation.StartAsync();

        await AdvanceAsync(client, "clock", Plan.Start);
        Assert.Equal("payment_in_flight", (await client.PostAsync("/v1/invoices/i/pay", OneOff, "second")).Code);
        Assert.Equal((202, "unknown"), StatusOf(await client.PostAsync("/v1/invoices/i/pay", OneOff, "first")));
        await AdvanceAsync(client, "clock", Plan.Start.AddMinutes(9));
        Assert.Equal("payment_in_flight", (await client.PostAsync("/v1/invoices/i/pay", OneOff, "second")).Code);
        Assert.Empty(await ChargesAsync(client, "a"));

        await AdvanceAsync(client, "clock", Plan.Start.AddMinutes(16));
        Assert.Equal("payment_declined", (await client.PostAsync("/v1/invoices/i/pay", OneOff, "first")).Code);
        Assert.Empty(await ChargesAsync(client, "a"));
        Assert.Equal((200, "succeeded"), StatusOf(await client.PostAsync("/v1/invoices/i/pay", OneOff, "second")));
        Assert.Equal([new Charge(4711, "succeeded")], await ChargesAsync(client, "a"));
        Assert.Equal("invoice_not_payable", (await client.PostAsync("/v1/invoices/i/pay", OneOff, "third")).Code);
        Assert.Equal((200, "succeeded"), StatusOf(await client.PostAsync("/v1/invoices/i/pay", OneOff, "second")));
        Assert.Equal([new Charge(4711, "succeeded")], await ChargesAsync(client, "a"));
    }

    [PostgresFact]
    public async Task Pay_TwiceAtOnceWithTwoKeys_ChargesOnce()
    {
        await using var installation = await Installation.CreateAsync("two_keys");
        var client = installation.Client;
        await installation.StartAsync();
        await Task.WhenAll(Enumerable.Range(1, 40).Select(async n =>
        {
            var account = Name("a", n);
            await AccountAsync(client, account, "cloudflare");
            await InvoiceAsync(client, account, Name("i", n), Amount(n), "manual", DateTimeOffset.UtcNow.AddDays(60));
            var answers = await Task.WhenAll(client.PostAsync($"/v1/invoices/i{n}/pay", OneOff, "one"), client.PostAsync($"/v1/invoices/i{n}/pay", OneOff, "two"));
            Assert.Single(answers, answer => answer.Status == 200);
            Assert.Single(answers, answer => answer.Code is "payment_in_flight" or "invoice_not_payable");
            Assert.Equal([new Charge(Amount(n), "succeeded")], await ChargesAsync(client, account));
        }));
    }

    /// <summary>In real time: an invoice's first rung falls due at its due time, and just then a person pays it.</summary>
    [PostgresFact]
    public async Task PayByHand_AtTheInstantOfARung_AThousandTimes_ChargesOnceEach()
    {
        const int accounts = 100;
        const int invoices = 10;
        await using var installation = await Installation.CreateAsync("against_rungs");
        var client = installation.Client;
        await installation.StartAsync();
        var policy = (await client.GetAsync("/v1/policies/cloudflare")).Body["document"]!.AsObject();
        policy.Remove("id");
        policy["collection"]!["charge"] = "at_due";
        Done(await client.PutAsync("/v1/policies/at-due", policy));

        var wonByHand = 0;
        await Task.WhenAll(Enumerable.Range(0, accounts).Select(async n =>
        {
            var account = Name("a", n);
            await AccountAsync(client, account, "at-due");
            for (var i = 1; i <= invoices; i++)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{account}-{i}");
                var dueAt = await DueSoonAsync(client, account, id, Amount(i));
                await UntilAsync(dueAt.AddMilliseconds(i * 3 - 20));
                var answer = await client.PostAsync($"/v1/invoices/{id}/pay", OneOff, id);
                Assert.True(answer.Status is 200 or 202 || answer.Code is "payment_in_flight" or "invoice_not_payable", $"{id}: {answer}");
                if (answer.IsDone) Interlocked.Increment(ref wonByHand);
                await Eventually.GetAsync($"{id} is paid", async () => (await client.GetAsync("/v1/invoices/" + id)).Text("status") == "paid" ? id : null);
            }

            Assert.Equal(Enumerable.Range(1, invoices).Select(i => new Charge(Amount(i), "succeeded")), await ChargesAsync(client, account));
            Assert.Equal(0, (int)(await client.GetAsync("/v1/accounts/" + account)).Body["credit"]!["prepayment"]!);
        }));
        // Each side has to win now and then, or this was no race.
        Assert.InRange(wonByHand, 1, accounts * invoices - 1);
    }

    /// <summary>On a test clock: a person pays while the clock starts for the instant of the second rung.</summary>
    [PostgresFact]
    public async Task PayByHand_WhileAClockStartsForARung_ChargesOnceEach()
    {
        await using var installation = await Installation.CreateAsync("against_clocks");
        var client = installation.Client;
        await installation.StartAsync();
        for (var round = 0; round < 3; round++)
        {
            var clock = Name("clock", round);
            Done(await client.PutAsync("/v1/test_clocks/" + clock, new { now = Plan.Start }));
            var accounts = Enumerable.Range(0, 20).Select(n => string.Create(CultureInfo.InvariantCulture, $"a{round}-{n}")).ToArray();
            await Task.WhenAll(accounts.Select(async account =>
            {
                Done(await client.PutAsync("/v1/sandbox/methods/" + account, new { script = (string[])["decline:insufficient_funds", "ok"] }));
                await AccountAsync(client, account, "cloudflare", clock, token: account);
                await InvoiceAsync(client, account, account + "-i", 99, "automatic", dueAt: null);
            }));
            await AdvanceAsync(client, clock, Plan.Start);
            var paying = accounts.Select(account => client.TryPostAsync($"/v1/invoices/{account}-i/pay", OneOff, account)).ToArray();
            await Task.WhenAll([AdvanceAsync(client, clock, Plan.Start.AddDays(1)), .. paying]);
            foreach (var pay in paying)
            {
                var answer = await pay;
                Assert.True(answer is { Status: 200 or 202 } or { Code: "clock_advancing" or "payment_in_flight" or "invoice_not_payable" }, $"{answer}");
            }

            await AdvanceAsync(client, clock, Plan.Start.AddDays(1));
            await Task.WhenAll(accounts.Select(async account =>
            {
                Assert.Equal("paid", (await client.GetAsync($"/v1/invoices/{account}-i")).Text("status"));
                Assert.Equal([new Charge(99, "failed"), new Charge(99, "succeeded")], await ChargesAsync(client, account));
            }));
        }
    }

    private static async Task AccountAsync(BillingClient client, string account, string policy, string? clock = null, string token = "good")
    {
        var path = "/v1/accounts/" + account;
        string[] emails = ["owner@example.com"];
        Done(await client.PutAsync(path, clock is null
            ? new { name = account, emails, currency = "USD", policy, test = true }
            : new { name = account, emails, currency = "USD", policy, test_clock = clock }));
        Done(await client.PutAsync(path + "/payment_methods/card", new { gateway = "sandbox", token, kind = "card" }));
    }

    /// <summary>Another amount for each, none too little to be charged by itself.</summary>
    private static long Amount(int n) => 100 + n;

    private static async Task InvoiceAsync(BillingClient client, string account, string invoice, long amount, string collection, DateTimeOffset? dueAt) =>
        Done(await PutInvoiceAsync(client, account, invoice, amount, collection, dueAt));

    private static Task<Answer> PutInvoiceAsync(BillingClient client, string account, string invoice, long amount, string collection, DateTimeOffset? dueAt)
    {
        object[] lines = [new { description = "work", amount }];
        return client.PutAsync($"/v1/accounts/{account}/invoices/{invoice}", dueAt is null ? new { lines, collection } : new { lines, collection, due_at = dueAt });
    }

    /// <summary>An automatic invoice that is due as soon as this machine can issue it before that.</summary>
    private static async Task<DateTimeOffset> DueSoonAsync(BillingClient client, string account, string invoice, long amount)
    {
        for (var ahead = TimeSpan.FromMilliseconds(500); ; ahead *= 2)
        {
            var dueAt = DateTimeOffset.UtcNow + ahead;
            var answer = await PutInvoiceAsync(client, account, invoice, amount, "automatic", dueAt);
            if (answer.IsDone) return dueAt;
            Assert.Contains("due_at", answer.ToString(), StringComparison.Ordinal);
        }
    }

    private static async Task AdvanceAsync(BillingClient client, string clock, DateTimeOffset to)
    {
        Done(await client.PostAsync($"/v1/test_clocks/{clock}/advance", new { to }, string.Create(CultureInfo.InvariantCulture, $"to-{to:s}")));
        await Eventually.GetAsync($"{clock} reaches {to:s}", async () => (await client.GetAsync("/v1/test_clocks/" + clock)).Text("status") == "ready" ? clock : null);
    }

    /// <summary>The very instant is what the test is about; nothing is synchronized by it.</summary>
    private static Task UntilAsync(DateTimeOffset instant) => instant - DateTimeOffset.UtcNow is { Ticks: > 0 } wait ? Task.Delay(wait) : Task.CompletedTask;

    private static async Task<IReadOnlyList<Charge>> ChargesAsync(BillingClient client, string account) =>
        [.. (await client.ListAsync("/v1/sandbox/charges?account=" + account)).Select(charge => new Charge((long)charge["amount"]!, (string)charge["status"]!))];

    private static (int Status, string Payment) StatusOf(Answer answer) => (answer.Status, answer.Text("status"));

    private static string Name(string prefix, int n) => prefix + n.ToString(CultureInfo.InvariantCulture);

    private static void Done(Answer answer) => Assert.True(answer.IsDone, answer.ToString());
}
