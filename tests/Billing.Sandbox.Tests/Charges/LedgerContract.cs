using Billing.Testing;

namespace Billing.Sandbox.Tests;

/// <summary>The outside truth: oldest first, in pages, of one account or all.</summary>
public abstract class LedgerContract : SandboxContract
{
    [ContractFact]
    public async Task List_IsOldestFirstInPages()
    {
        for (var i = 0; i < 5; i++) await ChargeAsync(Request($"k{i}", account: i % 2 == 0 ? "A" : "B"));

        var first = (await Service.ListChargesAsync(limit: 2)).Value!;
        var second = (await Service.ListChargesAsync(after: first.Next, limit: 2)).Value!;
        var third = (await Service.ListChargesAsync(after: second.Next, limit: 2)).Value!;

        Assert.Equal(["k0", "k1", "k2", "k3", "k4"], first.Data.Concat(second.Data).Concat(third.Data).Select(charge => charge.Key));
        Assert.NotNull(second.Next);
        Assert.Null(third.Next);
    }

    [ContractFact]
    public async Task List_PageThatEndsWithTheLast_HasNoNext()
    {
        await ChargeAsync(Request("k0"));
        await ChargeAsync(Request("k1"));

        Assert.Null((await Service.ListChargesAsync(limit: 2)).Value!.Next);
    }

    [ContractFact]
    public async Task List_OfAnAccount_HasItsChargesAlone()
    {
        for (var i = 0; i < 4; i++) await ChargeAsync(Request($"k{i}", account: i % 2 == 0 ? "A" : "B"));

        Assert.Equal(["k1", "k3"], (await LedgerAsync("B")).Select(charge => charge.Key));
        Assert.Empty(await LedgerAsync("C"));
    }

    [ContractFact]
    public async Task List_CountsDeclinesAndLeavesOutWhatMovedNothing()
    {
        await ReadAsync(Request("closed"));
        await PlayAsync("timeout", "timeout");
        await PlayAsync("error", "error");
        await PlayAsync("declined", "decline:a");
        await PlayAsync("captured", "timeout_captured");
        await PlayAsync("waiting", "processing_ok:1h");

        Assert.Equal(["declined", "captured", "waiting"], (await LedgerAsync()).Select(charge => charge.Key));
    }

    [ContractFact]
    public async Task List_WrongArguments_NamesThemAllAtOnce()
    {
        var refusal = (await Service.ListChargesAsync(after: "x", limit: 201)).Refusal!;

        Assert.Equal(SandboxRefusalKind.Invalid, refusal.Kind);
        Assert.Equal(["after", "limit"], refusal.Errors!.Keys.Order());
    }
}

public sealed class MemoryLedgers : LedgerContract;

public sealed class PostgresLedgers : LedgerContract, INeedsPostgres;
