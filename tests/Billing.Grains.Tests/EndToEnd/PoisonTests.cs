using System.Text.Json;
using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Billing.Testing;
using NodaTime;

namespace Billing.Grains.Tests.EndToEnd;

/// <summary>The house, which gives up waiting soon.</summary>
public sealed class HastyFixture : BillingFixture
{
    protected override Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["Billing:Delivery:FirstRetry"] = "00:00:00.001",
        ["Billing:Delivery:LongestRetry"] = "00:00:00.020",
    };
}

/// <summary>A receiver that cannot even read its state stops its own pair, and nobody else.</summary>
public sealed class PoisonTests(HastyFixture billing) : IClassFixture<HastyFixture>
{
    private static readonly Currency s_euro = Currency.Parse("EUR");

    [PostgresFact]
    public async Task Message_ThatKeepsFailing_StopsOnlyItsPair_AndIsListedUntilItIsTaken()
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        await billing.Sandbox.PutMethodAsync("tok_poison", ["decline:insufficient_funds", "decline:insufficient_funds", "ok"]);
        var profile = new AccountProfile { Id = "poison", Name = "Ada", Emails = ["ada@example.com"], Currency = s_euro, Policy = "cloudflare", Test = true };
        await TellAsync(Account, new PutAccount(["name", "emails", "currency", "policy", "test"], profile), now);
        await TellAsync(Account, new PutPaymentMethod(new PaymentMethod { Id = "card", Gateway = "sandbox", Token = "tok_poison" }, MakeDefault: null), now);
        await IssueAsync("poison-broken", now);
        await IssueAsync("poison-sound", now);
        var sound = await BreakAsync("inv/poison-broken");

        var pay = new Pay { Payment = Ids.PaymentByHand("poison", "/pay", "key"), Key = new IdempotencyKey("hash", "content") };
        await TellAsync(Account, pay, SystemClock.Instance.GetCurrentInstant());

        await Eventually.UntilAsync(billing.Grains.Invoice("poison-sound").Read, invoice => invoice.Status == InvoiceStatus.Paid);
        var entry = (await Eventually.UntilAsync(ListAsync, list => list.Length > 0)).Single();
        Assert.Equal(("message_stuck", "inv/poison-broken"), (entry.GetProperty("kind").GetString(), entry.GetProperty("subject").GetString()));
        Assert.Contains("has not been taken in", entry.GetProperty("what").GetString(), StringComparison.Ordinal);
        Assert.Contains(await billing.Index.StuckAsync("", 10), found => found.Key == "acct/poison");

        await MendAsync("inv/poison-broken", sound);

        await Eventually.UntilAsync(billing.Grains.Invoice("poison-broken").Read, invoice => invoice.Status == InvoiceStatus.Paid);
        await Eventually.UntilAsync(ListAsync, list => list.Length == 0);
        Assert.Empty(await billing.Index.StuckAsync("", 10));
    }

    private IDurableGrain Account => billing.Grains.Account("poison");

    private static async Task TellAsync(IDurableGrain grain, Message message, Instant at) => Assert.IsType<Done>(await grain.Execute(new Call(message, at)));

    private async Task IssueAsync(string invoice, Instant now)
    {
        await TellAsync(billing.Grains.Invoice(invoice), new PutInvoice("poison", Clock: null, Test: true, s_euro, new InvoiceContent { Lines = [new InvoiceLine("Plan", 1_000)] }, Draft: false), now);
        await Eventually.UntilAsync(billing.Grains.Invoice(invoice).Read, read => read.Ladder.Length == 1);
        // Quiet: nothing of it is on its way, so that breaking it breaks nothing else.
        await Eventually.UntilAsync(() => billing.Index.PendingAsync(Instant.FromUtc(9000, 1, 1, 0, 0), 100), pending => pending.Count == 0);
    }

    private async Task<JsonElement[]> ListAsync() =>
        [.. (await billing.Index.AttentionAsync(100, after: null)).Entries.SelectMany(entry => entry.Summary.GetProperty("attention").EnumerateArray()).Where(item => item.GetProperty("kind").GetString() == "message_stuck")];

    private async Task<byte[]> BreakAsync(string key)
    {
        await using var read = billing.Database.CreateCommand("SELECT payload FROM grain_state WHERE grain_key = $1");
        read.Parameters.AddWithValue(key);
        var payload = (byte[])(await read.ExecuteScalarAsync())!;
        await WriteAsync(key, "[]"u8.ToArray());
        return payload;
    }

    private Task MendAsync(string key, byte[] payload) => WriteAsync(key, payload);

    /// <summary>With another version, so that the activation that there is must read it again.</summary>
    private async Task WriteAsync(string key, byte[] payload)
    {
        await using var write = billing.Database.CreateCommand("UPDATE grain_state SET payload = $2, version = version + 1 WHERE grain_key = $1");
        write.Parameters.AddWithValue(key);
        write.Parameters.AddWithValue(payload);
        Assert.Equal(1, await write.ExecuteNonQueryAsync());
    }
}
