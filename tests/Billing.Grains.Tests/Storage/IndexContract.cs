#if EMBEDDED
using System.Text.Json;
using Billing.Grains.Interfaces.Index;
using Billing.Testing;
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
    public async Task List_RefusesNamesAndCursorsThatAreNone()
    {
        var s = Open(nameof(List_RefusesNamesAndCursorsThatAreNone));
        await Assert.ThrowsAsync<ArgumentException>(async () => await s.Index.ListAsync(new("x' OR 1=1")));
        await Assert.ThrowsAsync<ArgumentException>(async () => await ListAsync(s, new Dictionary<string, string> { ["a' --"] = "" }));
        await Assert.ThrowsAsync<ArgumentException>(async () => await s.Index.ListAsync(new("account") { After = "-1" }));
    }

    private static async Task<IEnumerable<string>> ListAsync(StoreUnderTest s, Dictionary<string, string> where, string? tag = null) =>
        Keys((await s.Index.ListAsync(new IndexQuery("account") { Where = where, Tag = tag })).Entries);

    private static IEnumerable<string> Keys(IEnumerable<IndexEntry> entries) => entries.Select(x => x.Key);
}
#endif
