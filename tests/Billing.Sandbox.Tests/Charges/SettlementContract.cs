using Billing.Gateways;
using Billing.Testing;
using NodaTime;

namespace Billing.Sandbox.Tests;

/// <summary>How a charge that is processing ends, and how disputes go.</summary>
public abstract class SettlementContract : SandboxContract
{
    private static readonly Instant Later = Start + Duration.FromHours(3);

    [ContractFact]
    public async Task Settle_Ok_CapturesThen()
    {
        var id = (await PlayAsync("k1", "processing")).Reference!;

        var settled = (await Service.SettleAsync(id, "ok", Later)).Value!;

        Assert.Equal((SandboxChargeStatus.Succeeded, Later), (settled.Status, settled.SettledAt!.Value));
        Assert.Equal(new ChargeAnswer(ChargeStatus.Succeeded, id, new Money(2000, Usd), null, Later), await ReadAsync(Request("k1")));
        await NewSender().SendDueAsync(CancellationToken.None);
        Assert.Equal(SandboxEventTypes.Succeeded, Assert.Single(Receiver.Types));
    }

    [ContractFact]
    public async Task Settle_Decline_FailsThen()
    {
        var id = (await PlayAsync("k1", "processing")).Reference!;

        await Service.SettleAsync(id, "decline:account_closed", Later);

        Assert.Equal(new ChargeAnswer(ChargeStatus.Declined, id, null, "account_closed", Later), await ReadAsync(Request("k1")));
        await NewSender().SendDueAsync(CancellationToken.None);
        var told = Assert.Single(Receiver.Deliveries).Event;
        Assert.Equal((SandboxEventTypes.Failed, "account_closed", Later), (told.Type, told.Data.Code, told.Data.At));
    }

    [ContractFact]
    public async Task Settle_WhatCannotBeSettled_IsRefused()
    {
        var done = (await PlayAsync("k1", "ok")).Reference!;
        var open = (await PlayAsync("k2", "processing")).Reference!;

        Assert.Equal(SandboxRefusalKind.Conflict, (await Service.SettleAsync(done, "ok", Later)).Refusal!.Kind);
        Assert.Equal(SandboxRefusalKind.NotFound, (await Service.SettleAsync("ch_none", "ok", Later)).Refusal!.Kind);
        Assert.Equal(SandboxRefusalKind.Invalid, (await Service.SettleAsync(open, "processing", Later)).Refusal!.Kind);
        Assert.Equal(SandboxRefusalKind.Invalid, (await Service.SettleAsync(open, "decline:", Later)).Refusal!.Kind);
        Assert.Equal(SandboxChargeStatus.Processing, (await Service.FindChargeAsync(open))!.Status);
    }

    [ContractFact]
    public async Task Settle_TwiceAtOnce_HappensOnce()
    {
        var id = (await PlayAsync("k1", "processing")).Reference!;

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => Service.SettleAsync(id, i % 2 == 0 ? "ok" : "decline:a", Later))));

        Assert.Single(answers, answer => answer.Value is not null);
        Assert.Equal(1, await NewSender().SendDueAsync(CancellationToken.None));
    }

    [ContractFact]
    public async Task Advance_EndsWhatIsDueAtItsOwnInstant()
    {
        var ok = (await PlayAsync("k1", "processing_ok:2d")).Reference!;
        var fail = (await PlayAsync("k2", "processing_fail:20h")).Reference!;
        var other = (await PlayAsync("k3", "processing_ok:1h", clock: "clock-2")).Reference!;
        Assert.Equal(Start + Duration.FromHours(20), await Gateway.EarliestDueAsync(Clock, CancellationToken.None));

        await Gateway.AdvanceAsync(Clock, Start + Duration.FromHours(20) - Duration.FromTicks(10), CancellationToken.None);
        Assert.Equal(SandboxChargeStatus.Processing, (await Service.FindChargeAsync(fail))!.Status);

        await Gateway.AdvanceAsync(Clock, Start + Duration.FromHours(20), CancellationToken.None);
        Assert.Equal(new ChargeAnswer(ChargeStatus.Declined, fail, null, ScriptStep.LateFailureCode, Start + Duration.FromHours(20)), await ReadAsync(Request("k2")));
        Assert.Equal(Start + Duration.FromDays(2), await Gateway.EarliestDueAsync(Clock, CancellationToken.None));

        await Gateway.AdvanceAsync(Clock, Start + Duration.FromDays(9), CancellationToken.None);
        Assert.Equal(Start + Duration.FromDays(2), (await Service.FindChargeAsync(ok))!.SettledAt);
        Assert.Null(await Gateway.EarliestDueAsync(Clock, CancellationToken.None));
        Assert.Equal(SandboxChargeStatus.Processing, (await Service.FindChargeAsync(other))!.Status);
    }

    [ContractFact]
    public async Task Advance_IsQuietOnlyWhenEverythingIsAcknowledged()
    {
        await PlayAsync("k1", "processing_ok:58h");
        Assert.True(await IsQuietAsync());

        await Gateway.AdvanceAsync(Clock, Start + Duration.FromHours(58), CancellationToken.None);
        Assert.False(await IsQuietAsync());
        Assert.True(await Gateway.IsQuietAsync("clock-2", CancellationToken.None));

        await NewSender().SendDueAsync(CancellationToken.None);
        Assert.True(await IsQuietAsync());
    }

    [ContractFact]
    public async Task Advance_ManyDue_EndsAllOldestFirst()
    {
        await ScriptAsync("tok", [.. Enumerable.Range(0, 250).Select(i => $"processing_ok:{250 - i}m")]);
        for (var i = 0; i < 250; i++) await ChargeAsync(Request($"k{i}"));

        await Gateway.AdvanceAsync(Clock, Start + Duration.FromDays(1), CancellationToken.None);
        await NewSender().SendDueAsync(CancellationToken.None);

        Assert.Equal(Enumerable.Range(1, 250).Select(i => Start + Duration.FromMinutes(i)), Receiver.Deliveries.Select(delivery => delivery.Event.Data.At).Order());
        Assert.Null(await Gateway.EarliestDueAsync(Clock, CancellationToken.None));
    }

    [ContractFact]
    public async Task Settle_BeforeItSettlesByItself_Wins()
    {
        var id = (await PlayAsync("k1", "processing_ok:2d")).Reference!;
        await Service.SettleAsync(id, "decline:a", Later);

        await Gateway.AdvanceAsync(Clock, Start + Duration.FromDays(3), CancellationToken.None);

        Assert.Equal(SandboxChargeStatus.Failed, (await Service.FindChargeAsync(id))!.Status);
    }

    [ContractFact]
    public async Task RealTime_EndsWhatIsDueWhenItsTimeHasCome()
    {
        var madeAt = Time.Now();
        await ScriptAsync("tok", "processing_ok:30m");
        await ChargeAsync(Request("k1", clock: null, at: madeAt));
        await ChargeAsync(Request("k2", at: madeAt));
        using var settlements = NewSettlements();
        using var sender = NewSender();
        await settlements.StartAsync(CancellationToken.None);
        await Time.TimerCreatedAsync();
        await sender.StartAsync(CancellationToken.None);

        Time.Advance(TimeSpan.FromMinutes(30));

        var told = (await Receiver.NextAsync()).Event;
        Assert.Equal(("k1", madeAt + Duration.FromMinutes(30)), (told.Data.Key, told.Data.At));
        await sender.StopAsync(CancellationToken.None);
        await settlements.StopAsync(CancellationToken.None);
        Assert.Equal([SandboxChargeStatus.Succeeded, SandboxChargeStatus.Processing], (await LedgerAsync()).Select(charge => charge.Status));
    }

    [ContractFact]
    public async Task Dispute_GoesItsWay()
    {
        var id = (await PlayAsync("k1", "ok")).Reference!;

        Assert.Equal(SandboxChargeStatus.Disputed, (await Service.DisputeAsync(id, "opened", Later)).Value!.Status);
        Assert.Equal(SandboxRefusalKind.Conflict, (await Service.DisputeAsync(id, "opened", Later)).Refusal!.Kind);
        Assert.Equal(SandboxChargeStatus.Succeeded, (await Service.DisputeAsync(id, "won", Later)).Value!.Status);
        // Won without a dispute that is open: the money stays where it is.
        Assert.Equal(SandboxChargeStatus.Succeeded, (await Service.DisputeAsync(id, "won", Later)).Value!.Status);
        await Service.DisputeAsync(id, "opened", Later);
        var lost = (await Service.DisputeAsync(id, "lost", Later)).Value!;
        Assert.Equal((SandboxChargeStatus.Reversed, 2000L), (lost.Status, lost.AmountReversed.MinorUnits));
        Assert.Equal(SandboxRefusalKind.Conflict, (await Service.DisputeAsync(id, "lost", Later)).Refusal!.Kind);

        Assert.Equal((ChargeStatus.Succeeded, Start), ((await ReadAsync(Request("k1"))).Status, (await ReadAsync(Request("k1"))).At));
        await NewSender().SendDueAsync(CancellationToken.None);
        Assert.Equal(
            ["charge.succeeded", "charge.disputed", "charge.dispute_won", "charge.dispute_won", "charge.disputed", "charge.dispute_lost"],
            Receiver.Types);
        Assert.Equal(6, Receiver.Deliveries.Select(delivery => delivery.Id).Distinct().Count());
    }

    [ContractFact]
    public async Task Dispute_LostWithoutBeingOpened_IsTakenAsItIs()
    {
        var id = (await PlayAsync("k1", "timeout_captured"), ChargeRules.IdOf("k1")).Item2;

        Assert.Equal(SandboxChargeStatus.Reversed, (await Service.DisputeAsync(id, "lost", Later)).Value!.Status);

        await NewSender().SendDueAsync(CancellationToken.None);
        Assert.Equal(("charge.dispute_lost", 2000L, Later), Receiver.Deliveries.Select(d => (d.Event.Type, d.Event.Data.Amount, d.Event.Data.At)).Single());
    }

    [ContractFact]
    public async Task Dispute_WhatCannotBeDisputed_IsRefused()
    {
        var failed = (await PlayAsync("k1", "decline:a")).Reference!;

        Assert.Equal(SandboxRefusalKind.Conflict, (await Service.DisputeAsync(failed, "opened", Later)).Refusal!.Kind);
        Assert.Equal(SandboxRefusalKind.NotFound, (await Service.DisputeAsync("ch_none", "opened", Later)).Refusal!.Kind);
        Assert.Equal(SandboxRefusalKind.Invalid, (await Service.DisputeAsync(failed, "maybe", Later)).Refusal!.Kind);
    }
}

public sealed class MemorySettlements : SettlementContract;

public sealed class PostgresSettlements : SettlementContract, INeedsPostgres;
