#if EMBEDDED
using System.Text;
using Billing.Testing;
using Orleans.Storage;
using static Billing.Grains.Tests.Storage.StoreUnderTest;

namespace Billing.Grains.Tests.Storage;

/// <summary>What both stores promise about rows, index and events.</summary>
public abstract class StoreContract
{
    protected abstract StoreUnderTest Open(string serviceId);

    [ContractFact]
    public async Task Read_OfNothing_IsNull()
    {
        var s = Open(nameof(Read_OfNothing_IsNull));
        Assert.Null(await s.Store.ReadAsync("state", "acct/a"));
    }

    [ContractFact]
    public async Task Write_CountsVersionsFromOne_AndReadsBackTheSameBytes()
    {
        var s = Open(nameof(Write_CountsVersionsFromOne_AndReadsBackTheSameBytes));
        var payload = Payload("account");
        Assert.Equal(1, await s.Store.WriteAsync("state", "acct/a", payload, null));
        Assert.Equal(2, await s.Store.WriteAsync("state", "acct/a", payload, 1));
        var row = await s.Store.ReadAsync("state", "acct/a");
        Assert.Equal(2, row!.Version);
        Assert.Equal(payload, row.Payload.ToArray());
        Assert.Null(await s.Store.ReadAsync("other state", "acct/a"));
    }

    [ContractFact]
    public async Task Write_OfAPayloadThatIsNoEnvelope_IsStoredAndNotIndexed()
    {
        var s = Open(nameof(Write_OfAPayloadThatIsNoEnvelope_IsStoredAndNotIndexed));
        foreach (var (key, text) in ((string, string)[])[("x/1", "{\"a\":1}"), ("x/2", "[1]"), ("x/3", "{}"), ("x/4", "plain")])
        {
            await s.Store.WriteAsync("state", key, Encoding.UTF8.GetBytes(text), null);
            Assert.Equal(text, Encoding.UTF8.GetString((await s.Store.ReadAsync("state", key))!.Payload.Span));
        }
        Assert.Empty((await s.Index.ListAsync(new("account"))).Entries);
    }

    [ContractFact]
    public async Task Write_OfAnotherVersion_ConflictsAndLeavesNothing()
    {
        var s = Open(nameof(Write_OfAnotherVersion_ConflictsAndLeavesNothing));
        await s.WriteAsync("acct/a", null, due: "2026-01-01T00:00:00Z", events: Event("a", "one"));
        foreach (var expected in (int?[])[null, 0, 2])
        {
            await Assert.ThrowsAsync<InconsistentStateException>(() =>
                s.WriteAsync("acct/a", expected, due: "2027-01-01T00:00:00Z", events: Event("a", "lost")));
        }
        await Assert.ThrowsAsync<InconsistentStateException>(() => s.WriteAsync("acct/b", 1, events: Event("a", "lost")));

        Assert.Null(await s.Store.ReadAsync("state", "acct/b"));
        Assert.Equal(1, (await s.Store.ReadAsync("state", "acct/a"))!.Version);
        var entry = Assert.Single((await s.Index.ListAsync(new("account"))).Entries);
        Assert.Equal(At("2026-01-01T00:00:00Z"), entry.Due);
        Assert.Equal("one", Assert.Single((await s.Events.ReadAsync(0, "a", null, 10)).Events).Type);
    }

    [ContractFact]
    public async Task Write_ThatFailsInTheEvents_LeavesNothing()
    {
        var s = Open(nameof(Write_ThatFailsInTheEvents_LeavesNothing));
        await Assert.ThrowsAnyAsync<Exception>(() => s.WriteAsync("acct/a", null, events: [Event("a", "one"), Event("a", "two", at: "no instant")]));
        Assert.Null(await s.Store.ReadAsync("state", "acct/a"));
        Assert.Empty((await s.Index.ListAsync(new("account"))).Entries);
        Assert.Empty((await s.Events.ReadAsync(0, null, null, 10)).Events);
    }

    [ContractFact]
    public async Task FirstWrites_InARace_HaveOneWinnerEach()
    {
        var s = Open(nameof(FirstWrites_InARace_HaveOneWinnerEach));
        for (var i = 0; i < 300; i++)
        {
            var key = $"acct/{i}";
            var racers = Enumerable.Range(0, 3).Select(_ => Task.Run(() => WinsAsync(s, key)));
            Assert.Single(await Task.WhenAll(racers), x => x);
        }
        var seen = (await s.Events.ReadAsync(0, "raced", null, 1000)).Events;
        Assert.Equal(Enumerable.Range(1, 300).Select(x => (long?)x), seen.Select(x => x.AccountSeq));
    }

    [ContractFact]
    public async Task Events_OfOneAccountFromManyGrains_AreNumberedWithoutGap_InTheOrderOfTheLog()
    {
        var s = Open(nameof(Events_OfOneAccountFromManyGrains_AreNumberedWithoutGap_InTheOrderOfTheLog));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(grain => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
                await s.WriteAsync($"pay/{grain}", i == 0 ? null : i, "payment", events: [Event("a", "one"), Event("b", "other"), Event("a", "two"), Event(null, "none")]);
        })));
        var all = (await s.Events.ReadAsync(0, null, null, 10_000)).Events;
        Assert.Equal(800, all.Count);
        Assert.Equal(all.Select(x => x.Seq).Order(), all.Select(x => x.Seq));
        Assert.Equal(Enumerable.Range(1, 400).Select(x => (long?)x), all.Where(x => x.Account == "a").Select(x => x.AccountSeq));
        Assert.Equal(Enumerable.Range(1, 200).Select(x => (long?)x), all.Where(x => x.Account == "b").Select(x => x.AccountSeq));
        Assert.All(all.Where(x => x.Account is null), x => Assert.Null(x.AccountSeq));
    }

    [ContractFact]
    public async Task Events_ArePaged_AndFilteredByAccountAndType()
    {
        var s = Open(nameof(Events_ArePaged_AndFilteredByAccountAndType));
        await s.WriteAsync("acct/a", null, at: "2026-03-07T01:02:03.456Z", events: [Event("a", "x.one"), Event("b", "x.two"), Event("a", "x.three", "2026-03-06T00:00:00.001Z")]);
        var first = await s.Events.ReadAsync(0, null, null, 2);
        Assert.Equal(["x.one", "x.two"], first.Events.Select(x => x.Type));
        Assert.True(first.HasMore);
        var second = await s.Events.ReadAsync(first.Next, null, null, 2);
        var three = Assert.Single(second.Events);
        Assert.False(second.HasMore);
        Assert.Equal(three.Seq, second.Next);
        Assert.Equal(("a", 2, At("2026-03-06T00:00:00.001Z"), At("2026-03-07T01:02:03.456Z"), 1), (three.Account, three.AccountSeq, three.EffectiveAt, three.RecordedAt, three.Data.GetProperty("a").GetInt32()));
        Assert.Equal(second.Next, (await s.Events.ReadAsync(second.Next, null, null, 2)).Next);
        Assert.Equal(["x.one", "x.three"], (await s.Events.ReadAsync(0, "a", null, 9)).Events.Select(x => x.Type));
        Assert.Equal(["x.two"], (await s.Events.ReadAsync(0, null, ["x.two", "x.none"], 9)).Events.Select(x => x.Type));
        Assert.Empty((await s.Events.ReadAsync(0, "a", ["x.two"], 9)).Events);
    }

    private static async Task<bool> WinsAsync(StoreUnderTest s, string key)
    {
        try
        {
            return await s.WriteAsync(key, null, events: Event("raced", "won")) == 1;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }
}
#endif
