using Billing.Gateways;
using Billing.Testing;
using NodaTime;

namespace Billing.Sandbox.Tests;

/// <summary>Ending what waits for the customer: it takes no money any more, or has taken it, or is moving some.</summary>
public abstract class CancelContract : SandboxContract
{
    private static readonly Instant Later = Start + Duration.FromMinutes(20);
    private static readonly Instant Until = Start + Duration.FromHours(1);

    [ContractTheory]
    [InlineData("authentication_required", MethodKind.Card)]
    [InlineData("processing_ok:30m", MethodKind.Crypto)]
    public async Task Cancel_WhatWaits_FailsForGoodAndIsNotTold(string outcome, MethodKind kind)
    {
        var id = (await PlayAsync("k1", outcome, byHand: true, kind: kind, expiresAt: Until)).Reference!;
        var expected = new ChargeAnswer(ChargeStatus.Cancelled, id, null, "cancelled", Later);

        Assert.Equal(expected, await CancelAsync(Request("k1", at: Later)));
        Assert.Equal(expected, await CancelAsync(Request("k1", at: Until)));
        Assert.Equal(expected, await ReadAsync(Request("k1")));

        var row = Assert.Single(await LedgerAsync());
        Assert.Equal((SandboxChargeStatus.Failed, "cancelled", Later), (row.Status, row.Code, row.SettledAt!.Value));
        Assert.Equal(SandboxRefusalKind.Conflict, (await Service.SettleAsync(id, "ok", Later)).Refusal!.Kind);
        Assert.Null(await Gateway.EarliestDueAsync(Clock, CancellationToken.None));
        await AdvanceAsync(Until);
        Assert.Empty(await ToldAsync());
    }

    [ContractFact]
    public async Task Cancel_WhatFailed_IsCancelled()
    {
        await PlayAsync("declined", "decline:cancelled");
        await PlayAsync("absent", "authentication_required");
        await PlayAsync("expired", "authentication_required", byHand: true, expiresAt: Until);
        await AdvanceAsync(Until);

        foreach (var key in new[] { "declined", "absent", "expired" })
        {
            Assert.Equal(ChargeStatus.Cancelled, (await CancelAsync(Request(key))).Status);
        }

        // What it failed of stays as it was.
        Assert.Equal((ChargeStatus.Declined, "cancelled"), ((await ReadAsync(Request("declined"))).Status, (await ReadAsync(Request("declined"))).Code));
        Assert.Equal(ChargeStatus.AuthenticationRequired, (await ReadAsync(Request("absent"))).Status);
        Assert.Equal("expired", (await ReadAsync(Request("expired"))).Code);
    }

    [ContractFact]
    public async Task Cancel_WhatWasPaid_SaysSo()
    {
        var id = (await PlayAsync("k1", "processing", kind: MethodKind.Crypto, expiresAt: Until)).Reference!;
        await Service.SettleAsync(id, "ok", Later, new Money(1500, Usd));
        var paid = new ChargeAnswer(ChargeStatus.Succeeded, id, new Money(1500, Usd), null, Later);

        Assert.Equal(paid, await CancelAsync(Request("k1", at: Until)));
        await Service.DisputeAsync(id, "opened", Later);
        Assert.Equal(paid, await CancelAsync(Request("k1", at: Until)));
        await Service.DisputeAsync(id, "lost", Later);
        Assert.Equal(paid, await CancelAsync(Request("k1", at: Until)));
    }

    [ContractFact]
    public async Task Cancel_MoneyThatIsMoving_CannotBeEnded()
    {
        var id = (await PlayAsync("k1", "processing_ok:30m")).Reference!;

        Assert.Equal(new ChargeAnswer(ChargeStatus.Processing, id, null, null, Start), await CancelAsync(Request("k1", at: Later)));

        await AdvanceAsync(Until);
        Assert.Equal(ChargeStatus.Succeeded, (await ReadAsync(Request("k1"))).Status);
    }

    [ContractFact]
    public async Task Cancel_UnknownKey_ClosesIt()
    {
        Assert.Equal(new ChargeAnswer(ChargeStatus.Cancelled), await CancelAsync(Request("k1")));

        Assert.Equal(new ChargeAnswer(ChargeStatus.Error, Code: SandboxGateway.KeyClosed), await ChargeAsync(Request("k1")));
        Assert.Equal(new ChargeAnswer(ChargeStatus.NotFound), await ReadAsync(Request("k1")));
        Assert.Equal(new ChargeAnswer(ChargeStatus.Cancelled), await CancelAsync(Request("k1")));
        Assert.Empty(await LedgerAsync());
    }

    [ContractTheory]
    [InlineData("processing_ok:30m", ChargeStatus.Succeeded, SandboxEventTypes.Succeeded)]
    [InlineData("processing", ChargeStatus.Cancelled, SandboxEventTypes.Failed)]
    public async Task Cancel_WhatEndedByItselfBefore_FindsItsEndAndTellsIt(string outcome, ChargeStatus expected, string told)
    {
        await PlayAsync("k1", outcome, kind: MethodKind.Crypto, expiresAt: Until);

        var answer = await CancelAsync(Request("k1", at: Until));

        Assert.Equal((expected, answer.At), (answer.Status, Assert.Single(await LedgerAsync()).SettledAt));
        Assert.Equal(told, Assert.Single(await ToldAsync()).Type);
        Assert.NotEqual(ChargeStatus.Cancelled, (await ReadAsync(Request("k1"))).Status);
    }

    [ContractFact]
    public async Task Cancel_WhileTheCustomerPays_OneOfTheTwoHolds()
    {
        const int Charges = 100;
        await ScriptAsync("tok", "authentication_required");
        for (var i = 0; i < Charges; i++) await ChargeAsync(Request($"k{i}", byHand: true, expiresAt: Until));

        var ends = await Task.WhenAll(Enumerable.Range(0, Charges).Select(i => Task.Run(async () =>
        {
            var settle = i % 2 == 0 ? Service.SettleAsync(ChargeRules.IdOf($"k{i}"), "ok", Later) : null;
            var cancel = CancelAsync(Request($"k{i}", at: Later));
            settle ??= Service.SettleAsync(ChargeRules.IdOf($"k{i}"), "ok", Later);
            return (Cancel: await cancel, Settle: await settle);
        })));

        Assert.All(ends, end => Assert.Equal(end.Settle.Value is null ? ChargeStatus.Cancelled : ChargeStatus.Succeeded, end.Cancel.Status));
        Assert.Equal(ends.Count(end => end.Settle.Value is not null), (await ToldAsync()).Length);
    }
}

public sealed class MemoryCancels : CancelContract;

public sealed class PostgresCancels : CancelContract, INeedsPostgres;
