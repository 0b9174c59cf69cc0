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
    [PostgresFact]
    public async Task Crash_BetweenReservationAndGateway_KeepsTheReservation_UntilTheGatewayHasSaidThatNothingMoved()
    {
        await using var installation = await Installation.CreateAsync("in_flight");
        var client = installation.Client;
        await installation.StartAsync("before_gateway:1");
        await client.PutClockAsync("clock");
        await PutAccountWithCardAsync(client, "a", "cloudflare", "clock");
        await client.PutManualInvoiceAsync("a", "i", 4711, Plan.Start.AddDays(60));

        Assert.Null(await client.TryPostAsync("/v1/invoices/i/pay", Callers.OneOff, "first"));
        Assert.Equal(ServiceProcess.Killed, await installation.ExitAsync());
        await installation.StartAsync();

        await client.AdvanceAsync("clock", Plan.Start);
        Assert.Equal("payment_in_flight", (await client.PostAsync("/v1/invoices/i/pay", Callers.OneOff, "second")).Code);
        Assert.Equal((202, "unknown"), StatusOf(await client.PostAsync("/v1/invoices/i/pay", Callers.OneOff, "first")));
        await client.AdvanceAsync("clock", Plan.Start.AddMinutes(9));
        Assert.Equal("payment_in_flight", (await client.PostAsync("/v1/invoices/i/pay", Callers.OneOff, "second")).Code);
        Assert.Empty(await ChargesAsync(client, "a"));

        await client.AdvanceAsync("clock", Plan.Start.AddMinutes(16));
        Assert.Equal("payment_declined", (await client.PostAsync("/v1/invoices/i/pay", Callers.OneOff, "first")).Code);
        Assert.Empty(await ChargesAsync(client, "a"));
        Assert.Equal((200, "succeeded"), StatusOf(await client.PostAsync("/v1/invoices/i/pay", Callers.OneOff, "second")));
        Assert.Equal([new Charge(4711, "succeeded")], await ChargesAsync(client, "a"));
        Assert.Equal("invoice_not_payable", (await client.PostAsync("/v1/invoices/i/pay", Callers.OneOff, "third")).Code);
        Assert.Equal((200, "succeeded"), StatusOf(await client.PostAsync("/v1/invoices/i/pay", Callers.OneOff, "second")));
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
            await PutAccountWithCardAsync(client, account, "cloudflare");
            await client.PutManualInvoiceAsync(account, Name("i", n), Amount(n), DateTimeOffset.UtcNow.AddDays(60));
            var answers = await Task.WhenAll(client.PostAsync($"/v1/invoices/i{n}/pay", Callers.OneOff, "one"), client.PostAsync($"/v1/invoices/i{n}/pay", Callers.OneOff, "two"));
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
        Callers.Done(await client.PutAsync("/v1/policies/at-due", policy));

        var wonByHand = 0;
        await Task.WhenAll(Enumerable.Range(0, accounts).Select(async n =>
        {
            var account = Name("a", n);
            await PutAccountWithCardAsync(client, account, "at-due");
            for (var i = 1; i <= invoices; i++)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{account}-{i}");
                var dueAt = await client.PutInvoiceDueSoonAsync(account, id, Amount(i), "automatic");
                await UntilAsync(dueAt.AddMilliseconds(i * 3 - 20));
                var answer = await client.PostAsync($"/v1/invoices/{id}/pay", Callers.OneOff, id);
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
            await client.PutClockAsync(clock);
            var accounts = Enumerable.Range(0, 20).Select(n => string.Create(CultureInfo.InvariantCulture, $"a{round}-{n}")).ToArray();
            await Task.WhenAll(accounts.Select(async account =>
            {
                Callers.Done(await client.PutAsync("/v1/sandbox/methods/" + account, new { script = (string[])["decline:insufficient_funds", "ok"] }));
                await PutAccountWithCardAsync(client, account, "cloudflare", clock, token: account);
                await client.PutAutomaticInvoiceAsync(account, account + "-i", 99);
            }));
            await client.AdvanceAsync(clock, Plan.Start);
            var paying = accounts.Select(account => client.TryPostAsync($"/v1/invoices/{account}-i/pay", Callers.OneOff, account)).ToArray();
            await Task.WhenAll([client.AdvanceAsync(clock, Plan.Start.AddDays(1)), .. paying]);
            foreach (var pay in paying)
            {
                var answer = await pay;
                Assert.True(answer is { Status: 200 or 202 } or { Code: "clock_advancing" or "payment_in_flight" or "invoice_not_payable" }, $"{answer}");
            }

            await client.AdvanceAsync(clock, Plan.Start.AddDays(1));
            await Task.WhenAll(accounts.Select(async account =>
            {
                Assert.Equal("paid", (await client.GetAsync($"/v1/invoices/{account}-i")).Text("status"));
                Assert.Equal([new Charge(99, "failed"), new Charge(99, "succeeded")], await ChargesAsync(client, account));
            }));
        }
    }

    private static async Task PutAccountWithCardAsync(BillingClient client, string account, string policy, string? clock = null, string token = "good")
    {
        await client.PutAccountAsync(account, policy, clock);
        await client.PutCardAsync(account, token);
    }

    /// <summary>Another amount for each, none too little to be charged by itself.</summary>
    private static long Amount(int n) => 100 + n;

    /// <summary>The very instant is what the test is about; nothing is synchronized by it.</summary>
    private static Task UntilAsync(DateTimeOffset instant) => instant - DateTimeOffset.UtcNow is { Ticks: > 0 } wait ? Task.Delay(wait) : Task.CompletedTask;

    private static async Task<IReadOnlyList<Charge>> ChargesAsync(BillingClient client, string account) =>
        [.. (await client.ListAsync("/v1/sandbox/charges?account=" + account)).Select(charge => new Charge((long)charge["amount"]!, (string)charge["status"]!))];

    private static (int Status, string Payment) StatusOf(Answer answer) => (answer.Status, answer.Text("status"));

    private static string Name(string prefix, int n) => prefix + n.ToString(CultureInfo.InvariantCulture);
}
