#if EMBEDDED
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.Domain;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces.Index;
using Billing.Testing;
using NodaTime;
using static Billing.Grains.Tests.Storage.StoreUnderTest;

namespace Billing.Grains.Tests.Storage;

/// <summary>What both indexes answer.</summary>
public abstract class IndexContract
{
    private const string One = "2026-01-01T00:00:00Z";
    private const string Two = "2026-01-02T00:00:00Z";
    private const string Three = "2026-01-03T00:00:00Z";

    protected abstract StoreUnderTest Open(string serviceId);

    [ContractFact]
    public async Task Entry_FollowsEachWrite()
    {
        var s = Open(nameof(Entry_FollowsEachWrite));
        await s.WriteAsync("acct/a", null, due: One, pending: Two, clock: "c", summary: new { id = "a", standing = "active" });
        var entry = Assert.Single((await s.Index.ListAsync(new("account"))).Entries);
        Assert.Equal(("account", "acct/a", At(One), At(Two), "c"), (entry.Kind, entry.Key, entry.Due, entry.PendingSince, entry.Clock));
        Assert.Equal("active", entry.Summary.GetProperty("standing").GetString());
        Assert.True(await s.Index.AnyPendingAsync("c"));

        await s.WriteAsync("acct/a", 1);
        entry = Assert.Single((await s.Index.ListAsync(new("account"))).Entries);
        Assert.Equal((null, null, null, JsonValueKind.Null), (entry.Due, entry.PendingSince, entry.Clock, entry.Summary.ValueKind));
        Assert.False(await s.Index.AnyPendingAsync("c"));
        Assert.Null(await s.Index.EarliestDueAsync("c"));
    }

    [ContractFact]
    public async Task Entry_OfAPackedRow_IsThatOfAPlainOne()
    {
        var s = Open(nameof(Entry_OfAPackedRow_IsThatOfAPlainOne));
        var written = new Stored<AccountState>
        {
            Kind = "account",
            Due = Instant.FromUtc(2026, 1, 1, 0, 0),
            Summary = new JsonObject { ["id"] = "a", ["standing"] = "good" },
            Events = [new Event("a", "account.updated", Instant.FromUtc(2026, 1, 1, 0, 0), Instant.FromUtc(2026, 1, 1, 0, 0), new JsonObject { ["change"] = "é" })],
            State = new AccountState { Charges = [.. Enumerable.Range(0, 500).Select(i => new PendingCharge($"charge-{i}", "Ein \"Übertrag\"", new Money(i, Currency.Parse("EUR")), Instant.FromUtc(2026, 1, 1, 0, 0)))] },
        };
        var packed = StoredPayload.Write(written);
        Assert.Contains((byte)0, packed);

        Assert.Equal(1, await s.Store.WriteAsync("state", "acct/a", packed, null));
        Assert.Equal(2, await s.Store.WriteAsync("state", "acct/a", StoredPayload.Write(written with { Due = Instant.FromUtc(2026, 1, 2, 0, 0) }), 1));

        var entry = Assert.Single((await s.Index.ListAsync(new("account"))).Entries);
        Assert.Equal(("acct/a", At(Two), "good"), (entry.Key, entry.Due, entry.Summary.GetProperty("standing").GetString()));
        Assert.Equal(["é", "é"], (await s.Events.ReadAsync(0, "a", null, 10)).Events.Select(e => e.Data.GetProperty("change").GetString()));
        var read = StoredPayload.Read<Stored<AccountState>>((await s.Store.ReadAsync("state", "acct/a"))!.Payload.Span)!;
        Assert.Equal(written.State.Charges.AsEnumerable(), read.State.Charges);
    }

    [ContractFact]
    public async Task Overdue_IsOfRealTimeBeforeTheInstant_MostOverdueFirst()
    {
        var s = Open(nameof(Overdue_IsOfRealTimeBeforeTheInstant_MostOverdueFirst));
        await s.WriteAsync("acct/2", null, due: Two);
        await s.WriteAsync("inv/1", null, "invoice", due: One);
        await s.WriteAsync("acct/3", null, due: Three);
        await s.WriteAsync("acct/never", null);
        await s.WriteAsync("acct/clock", null, due: One, clock: "c");
        Assert.Equal(["inv/1", "acct/2"], Keys(await s.Index.OverdueAsync(At(Three), 10)));
        Assert.Equal(["inv/1"], Keys(await s.Index.OverdueAsync(At(Three), 1)));
        Assert.Empty(await s.Index.OverdueAsync(At(One), 10));
    }

    [ContractFact]
    public async Task Pending_IsOfEveryClock_LongestFirst()
    {
        var s = Open(nameof(Pending_IsOfEveryClock_LongestFirst));
        await s.WriteAsync("acct/2", null, pending: Two, clock: "c");
        await s.WriteAsync("acct/1", null, pending: One);
        await s.WriteAsync("acct/3", null, pending: Three);
        Assert.Equal(["acct/1", "acct/2"], Keys(await s.Index.PendingAsync(At(Three), 10)));
        Assert.Equal(["acct/1"], Keys(await s.Index.PendingAsync(At(Three), 1)));
        Assert.True(await s.Index.AnyPendingAsync("c"));
        Assert.False(await s.Index.AnyPendingAsync("other"));
    }

    [ContractFact]
    public async Task Due_IsOfOneClockUpToAndWithTheInstant_EarliestFirst()
    {
        var s = Open(nameof(Due_IsOfOneClockUpToAndWithTheInstant_EarliestFirst));
        await s.WriteAsync("acct/2", null, due: Two, clock: "c", summary: new { id = "2" });
        await s.WriteAsync("acct/1", null, due: One, clock: "c", summary: new { id = "1" });
        await s.WriteAsync("acct/3", null, due: Three, clock: "c");
        await s.WriteAsync("acct/other", null, due: One, clock: "d");
        Assert.Equal(At(One), await s.Index.EarliestDueAsync("c"));
        var due = await s.Index.DueAsync("c", At(Two));
        Assert.Equal(["acct/1", "acct/2"], Keys(due));
        Assert.Equal("1", due[0].Summary.GetProperty("id").GetString());
        Assert.Null(await s.Index.EarliestDueAsync("none"));
    }

    [ContractFact]
    public async Task List_IsPagedNewestFirst_WhateverIsWrittenMeanwhile()
    {
        var s = Open(nameof(List_IsPagedNewestFirst_WhateverIsWrittenMeanwhile));
        for (var i = 1; i <= 5; i++)
            await s.WriteAsync($"acct/{i}", null);
        await s.WriteAsync("inv/1", null, "invoice");
        var page = await s.Index.ListAsync(new("account") { Limit = 2 });
        Assert.Equal(["acct/5", "acct/4"], Keys(page.Entries));
        await s.WriteAsync("acct/6", null);
        await s.WriteAsync("acct/1", 1);
        page = await s.Index.ListAsync(new("account") { Limit = 2, After = page.Next });
        Assert.Equal(["acct/3", "acct/2"], Keys(page.Entries));
        page = await s.Index.ListAsync(new("account") { Limit = 2, After = page.Next });
        Assert.Equal(["acct/1"], Keys(page.Entries));
        Assert.Null(page.Next);
        Assert.Null((await s.Index.ListAsync(new("account") { Limit = 6 })).Next);
    }

    [ContractFact]
    public async Task List_IsFilteredByFieldsAndTag()
    {
        var s = Open(nameof(List_IsFilteredByFieldsAndTag));
        await s.WriteAsync("acct/1", null, summary: new { id = "1", standing = "active", policy = "p", tags = (string[])["x", "y"] });
        await s.WriteAsync("acct/2", null, summary: new { id = "2", standing = "active", policy = "q", tags = (string[])[] });
        await s.WriteAsync("acct/3", null, summary: new { id = "3", standing = "suspended", policy = "p", tags = (string[])["y"] });
        await s.WriteAsync("acct/4", null);
        Assert.Equal(["acct/2", "acct/1"], await ListAsync(s, new Dictionary<string, string> { ["standing"] = "active" }));
        Assert.Equal(["acct/1"], await ListAsync(s, new Dictionary<string, string> { ["standing"] = "active", ["policy"] = "p" }));
        Assert.Equal(["acct/3", "acct/1"], await ListAsync(s, [], "y"));
        Assert.Equal(["acct/3"], await ListAsync(s, new Dictionary<string, string> { ["standing"] = "suspended" }, "y"));
        Assert.Empty(await ListAsync(s, [], "z"));
    }

    [ContractFact]
    public async Task List_FindsAPaymentByEachOfItsGatewayReferences()
    {
        var s = Open(nameof(List_FindsAPaymentByEachOfItsGatewayReferences));
        await s.WriteAsync("pay/1", null, "payment", summary: new { id = "1", gateway_reference = "pi_1", gateway_references = (string[])["pi_1", "pi_2"] });
        await s.WriteAsync("pay/2", null, "payment", summary: new { id = "2", gateway_reference = "pi_3" });
        foreach (var (reference, found) in new[] { ("pi_1", "pay/1"), ("pi_2", "pay/1"), ("pi_3", null), ("pi", null) })
        {
            Assert.Equal(found is null ? [] : [found], Keys((await s.Index.ListAsync(new IndexQuery("payment") { GatewayReference = reference })).Entries));
        }
    }

    [ContractFact]
    public async Task List_RefusesNamesAndCursorsThatAreNone()
    {
        var s = Open(nameof(List_RefusesNamesAndCursorsThatAreNone));
        await Assert.ThrowsAsync<ArgumentException>(async () => await s.Index.ListAsync(new("x' OR 1=1")));
        await Assert.ThrowsAsync<ArgumentException>(async () => await ListAsync(s, new Dictionary<string, string> { ["a' --"] = "" }));
        await Assert.ThrowsAsync<ArgumentException>(async () => await s.Index.ListAsync(new("account") { After = "-1" }));
    }

    [ContractFact]
    public async Task Attention_IsOfEveryKindWithEntries_NewestFirst()
    {
        var s = Open(nameof(Attention_IsOfEveryKindWithEntries_NewestFirst));
        var entries = new[] { new { id = "e" } };
        await s.WriteAsync("acct/1", null, summary: new { id = "1", attention = entries });
        await s.WriteAsync("acct/2", null, summary: new { id = "2", attention = Array.Empty<object>() });
        await s.WriteAsync("acct/3", null, summary: new { id = "3" });
        await s.WriteAsync("acct/4", null);
        await s.WriteAsync("inv/1", null, "invoice", summary: new { id = "i", attention = entries });
        await s.WriteAsync("pay/1", null, "payment", summary: new { id = "p", attention = entries });
        await s.WriteAsync("acct/5", null, summary: new { id = "5", attention = entries });
        var page = await s.Index.AttentionAsync(2, after: null);
        Assert.Equal(["acct/5", "pay/1"], Keys(page.Entries));
        page = await s.Index.AttentionAsync(2, page.Next);
        Assert.Equal(["inv/1", "acct/1"], Keys(page.Entries));
        Assert.Null(page.Next);
        await s.WriteAsync("acct/1", 1, summary: new { id = "1", attention = Array.Empty<object>() });
        Assert.Equal(["acct/5", "pay/1", "inv/1"], Keys((await s.Index.AttentionAsync(9, after: null)).Entries));
        await Assert.ThrowsAsync<ArgumentException>(async () => await s.Index.AttentionAsync(1, "-1"));
    }

    [ContractFact]
    public async Task Unreminded_AreHealthyAccountsThatAreDue_EachInOneShard()
    {
        var s = Open(nameof(Unreminded_AreHealthyAccountsThatAreDue_EachInOneShard));
        for (var i = 0; i < 40; i++) await s.WriteAsync($"acct/{i}", null, due: One, summary: new { id = $"{i}", remind = false });
        await s.WriteAsync("acct/dunned", null, due: One, summary: new { id = "dunned", remind = true });
        await s.WriteAsync("acct/later", null, due: Three, summary: new { id = "later", remind = false });
        await s.WriteAsync("acct/clock", null, due: One, clock: "c", summary: new { id = "clock", remind = false });
        await s.WriteAsync("inv/1", null, "invoice", due: One);

        var shards = new List<string>[4];
        for (var shard = 0; shard < 4; shard++) shards[shard] = [.. Keys(await s.Index.UnremindedAsync(At(One), shard, 4, 100))];
        Assert.Equal(40, shards.SelectMany(keys => keys).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(40, shards.Sum(keys => keys.Count));
        Assert.All(shards, keys => Assert.NotEmpty(keys));
        Assert.Equal(3, (await s.Index.UnremindedAsync(At(One), 0, 1, 3)).Count);
        Assert.Equal(["acct/dunned", "inv/1"], Keys(await s.Index.RemindedAsync(100)).Order(StringComparer.Ordinal));
    }

    [ContractFact]
    public async Task Stale_AreAccountsOfTheClockThatLookedAtAnOlderVersion()
    {
        var s = Open(nameof(Stale_AreAccountsOfTheClockThatLookedAtAnOlderVersion));
        await s.WriteAsync("acct/old", null, summary: new { id = "old", policy = "p", policy_version = 1 });
        await s.WriteAsync("acct/new", null, summary: new { id = "new", policy = "p", policy_version = 2 });
        await s.WriteAsync("acct/other", null, summary: new { id = "other", policy = "q", policy_version = 1 });
        await s.WriteAsync("acct/clock", null, clock: "c", summary: new { id = "clock", policy = "p", policy_version = 1 });
        await s.WriteAsync("acct/none", null);
        var inForce = new Dictionary<string, int> { ["p"] = 2, ["r"] = 5 };
        Assert.Equal(["acct/old"], Keys(await s.Index.StaleAsync(clock: null, inForce, 10)));
        Assert.Equal(["acct/clock"], Keys(await s.Index.StaleAsync("c", inForce, 10)));
        Assert.Empty(await s.Index.StaleAsync("d", inForce, 10));
    }

    [ContractFact]
    public async Task Waiting_AreAccountsThatWaitForThatPause()
    {
        var s = Open(nameof(Waiting_AreAccountsThatWaitForThatPause));
        await s.WriteAsync("acct/worse", null, summary: new { id = "worse", waits_for_escalations = true });
        await s.WriteAsync("acct/both", null, summary: new { id = "both", waits_for_escalations = true, waits_for_collection = true });
        await s.WriteAsync("acct/neither", null, summary: new { id = "neither" });
        await s.WriteAsync("acct/none", null);
        Assert.Equal(["acct/both", "acct/worse"], Keys(await s.Index.WaitingAsync(PauseKind.Escalations, 10)).Order());
        Assert.Equal(["acct/both"], Keys(await s.Index.WaitingAsync(PauseKind.Collection, 10)));
        Assert.Single(await s.Index.WaitingAsync(PauseKind.Escalations, 1));
    }

    private static async Task<IEnumerable<string>> ListAsync(StoreUnderTest s, Dictionary<string, string> where, string? tag = null) =>
        Keys((await s.Index.ListAsync(new IndexQuery("account") { Where = where, Tag = tag })).Entries);

    private static IEnumerable<string> Keys(IEnumerable<IndexEntry> entries) => entries.Select(x => x.Key);
}
#endif
