using Billing.Gateways;
using Billing.Testing;
using NodaTime;

namespace Billing.Sandbox.Tests;

/// <summary>Money sent back: one key is one refund, never more than is left, and what it leaves for disputes.</summary>
public abstract class RefundContract : SandboxContract
{
    private static readonly Instant Later = Start + Duration.FromHours(3);

    [ContractFact]
    public async Task Refund_Part_GrowsAndTheChargeStaysSucceeded()
    {
        var id = await CapturedAsync();

        var first = await RefundAsync("r1", id, 500);
        var second = await RefundAsync("r2", id, 1499);

        Assert.Equal(new RefundAnswer(ChargeStatus.Succeeded, "re_" + Ids.Hash("r1")), first);
        Assert.Equal(new RefundAnswer(ChargeStatus.Succeeded, "re_" + Ids.Hash("r2")), second);
        Assert.Equal((SandboxChargeStatus.Succeeded, 2000, 1999, 0), await RowAsync(id));
        Assert.Equal(3, (await Service.FindChargeAsync(id))!.Changes);
    }

    [ContractFact]
    public async Task Refund_All_IsRefundedAndWasCaptured()
    {
        var id = await CapturedAsync();
        await RefundAsync("r1", id, 500);

        Assert.Equal(ChargeStatus.Succeeded, (await RefundAsync("r2", id, 1500)).Status);

        Assert.Equal((SandboxChargeStatus.Refunded, 2000, 2000, 0), await RowAsync(id));
        Assert.Equal(new ChargeAnswer(ChargeStatus.Succeeded, id, new Money(2000, Usd), null, Start), await ReadAsync(Request("k1")));
        Assert.Equal(SandboxRefusalKind.Conflict, (await Service.DisputeAsync(id, "opened", Later)).Refusal!.Kind);
    }

    [ContractFact]
    public async Task Refund_IsNotTold()
    {
        var id = await CapturedAsync();

        await RefundAsync("r1", id, 500);
        await RefundAsync("r2", id, 1500);

        var told = Assert.Single(await ToldAsync());
        Assert.Equal((SandboxEventTypes.Succeeded, 2000L), (told.Type, told.Data.Amount));
    }

    [ContractFact]
    public async Task Refund_MoreThanIsLeft_IsDeclined()
    {
        var id = await CapturedAsync();
        await RefundAsync("r1", id, 500);

        Assert.Equal(new RefundAnswer(ChargeStatus.Declined, "re_" + Ids.Hash("r2"), "amount_too_large"), await RefundAsync("r2", id, 1501));

        Assert.Equal((SandboxChargeStatus.Succeeded, 2000, 500, 0), await RowAsync(id));
        Assert.Equal(ChargeStatus.Succeeded, (await RefundAsync("r3", id, 1500)).Status);
        Assert.Equal("amount_too_large", (await RefundAsync("r4", id, 1)).Code);
    }

    [ContractFact]
    public async Task Refund_CoinsThatCameShort_IsBoundByWhatCame()
    {
        var id = (await PlayAsync("k1", "processing", kind: MethodKind.Crypto)).Reference!;
        await Service.SettleAsync(id, "ok", Later, new Money(1500, Usd));

        Assert.Equal("amount_too_large", (await RefundAsync("r1", id, 1501)).Code);
        Assert.Equal(ChargeStatus.Succeeded, (await RefundAsync("r2", id, 1500)).Status);
        Assert.Equal(SandboxChargeStatus.Refunded, (await RowAsync(id)).Status);
    }

    [ContractFact]
    public async Task Refund_SameKeyAgain_IsTheSameRefund()
    {
        var id = await CapturedAsync();
        var sent = await RefundAsync("r1", id, 1500);
        var declined = await RefundAsync("r2", id, 600);

        await OpenAsync();

        Assert.Equal(sent, await RefundAsync("r1", id, 1500));
        Assert.Equal(declined, await RefundAsync("r2", id, 600));
        Assert.Equal((SandboxChargeStatus.Succeeded, 2000, 1500, 0), await RowAsync(id));
    }

    [ContractFact]
    public async Task Refund_DeclinedKey_StaysDeclinedWhateverComesLater()
    {
        var id = await CapturedAsync();
        await Service.DisputeAsync(id, "opened", Later);
        await RefundAsync("r1", id, 500);
        await Service.DisputeAsync(id, "won", Later);

        Assert.Equal("disputed", (await RefundAsync("r1", id, 500)).Code);
        Assert.Equal(ChargeStatus.Succeeded, (await RefundAsync("r2", id, 500)).Status);
    }

    [ContractFact]
    public async Task Refund_SameKeyWithOtherContent_IsUnknownAndMovesNothing()
    {
        var id = await CapturedAsync();
        var other = (await PlayAsync("k2", "ok")).Reference!;
        await RefundAsync("r1", id, 500);

        foreach (var (charge, amount) in new[] { (id, 501L), (other, 500L) })
        {
            Assert.Equal(new RefundAnswer(ChargeStatus.Unknown, Code: SandboxGateway.IdempotencyMismatch), await RefundAsync("r1", charge, amount));
        }

        Assert.Equal([500L, 0L], (await LedgerAsync()).Select(row => row.AmountRefunded.MinorUnits));
    }

    [ContractFact]
    public async Task Refund_ManyAtOnce_NeverSendMoreThanWasCaptured()
    {
        var id = await CapturedAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => RefundAsync($"r{i / 2}", id, 150))));

        // Each key came twice; thirteen of 150 fit into 2000.
        Assert.Equal(20, answers.Distinct().Count());
        Assert.Equal(13, answers.Distinct().Count(answer => answer.Status == ChargeStatus.Succeeded));
        Assert.Equal((SandboxChargeStatus.Succeeded, 2000, 1950, 0), await RowAsync(id));
    }

    [ContractFact]
    public async Task Refund_WhatCapturedNothing_IsDeclined()
    {
        var failed = (await PlayAsync("k1", "decline:a")).Reference!;
        var open = (await PlayAsync("k2", "processing")).Reference!;
        await ReadAsync(Request("closed"));

        Assert.Equal((ChargeStatus.Declined, "not_captured"), await WhyAsync("r1", failed));
        Assert.Equal((ChargeStatus.Declined, "not_captured"), await WhyAsync("r2", open));
        Assert.Equal((ChargeStatus.Declined, "no_such_charge"), await WhyAsync("r3", ChargeRules.IdOf("closed")));
        Assert.Equal((ChargeStatus.Declined, "no_such_charge"), await WhyAsync("r4", "ch_none"));

        async Task<(ChargeStatus Status, string? Code)> WhyAsync(string key, string charge)
        {
            var answer = await RefundAsync(key, charge, 1);
            Assert.Equal(answer, await RefundAsync(key, charge, 1));
            return (answer.Status, answer.Code);
        }
    }

    [ContractFact]
    public async Task Refund_AmountThatCannotBe_IsDeclined()
    {
        var id = await CapturedAsync();

        Assert.Equal("amount_invalid", (await RefundAsync("r1", id, 0)).Code);
        Assert.Equal("amount_invalid", (await RefundAsync("r2", id, -1)).Code);
        Assert.Equal("amount_invalid", (await Gateway.RefundAsync(Of("r3", id, 1) with { Amount = new Money(1, Currency.Parse("EUR")) }, CancellationToken.None)).Code);
        Assert.Equal(0, (await RowAsync(id)).Refunded);
    }

    [ContractFact]
    public async Task Refund_DisputedOrReversed_IsDeclined()
    {
        var id = await CapturedAsync();

        await Service.DisputeAsync(id, "opened", Later);
        Assert.Equal((ChargeStatus.Declined, "disputed"), ((await RefundAsync("r1", id, 1)).Status, (await RefundAsync("r1", id, 1)).Code));

        await Service.DisputeAsync(id, "lost", Later);
        Assert.Equal((ChargeStatus.Declined, "reversed"), ((await RefundAsync("r2", id, 1)).Status, (await RefundAsync("r2", id, 1)).Code));
        Assert.Equal((SandboxChargeStatus.Reversed, 2000, 0, 2000), await RowAsync(id));
    }

    [ContractTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispute_LostAfterPartialRefunds_TakesWhatIsLeft(bool opened)
    {
        var id = await CapturedAsync();
        await RefundAsync("r1", id, 300);
        await RefundAsync("r2", id, 200);
        if (opened) await Service.DisputeAsync(id, "opened", Later);

        await Service.DisputeAsync(id, "lost", Later);

        Assert.Equal((SandboxChargeStatus.Reversed, 2000, 500, 1500), await RowAsync(id));
        var told = (await ToldAsync())[^1];
        Assert.Equal((SandboxEventTypes.DisputeLost, 1500L), (told.Type, told.Data.Amount));
    }

    [ContractFact]
    public async Task Dispute_EachOutcome_TellsChargePaymentKeyAmountAndInstant()
    {
        await ScriptAsync("tok", "ok");
        await ChargeAsync(Request("inv-1~0/1") with { Payment = "inv-1~0" });
        var id = ChargeRules.IdOf("inv-1~0/1");
        await RefundAsync("r1", id, 500);
        await Service.DisputeAsync(id, "opened", Later);
        await Service.DisputeAsync(id, "won", Later + Duration.FromDays(1));

        // Sent back before the first two are told: what they were about does not change for that.
        await RefundAsync("r2", id, 100);
        await Service.DisputeAsync(id, "opened", Later + Duration.FromDays(2));
        await Service.DisputeAsync(id, "lost", Later + Duration.FromDays(3));

        var told = (await ToldAsync())[1..];
        Assert.Equal(
            [
                ("charge.disputed", 1500, SandboxChargeStatus.Disputed, Later),
                ("charge.dispute_won", 1500, SandboxChargeStatus.Succeeded, Later + Duration.FromDays(1)),
                ("charge.disputed", 1400, SandboxChargeStatus.Disputed, Later + Duration.FromDays(2)),
                ("charge.dispute_lost", 1400L, SandboxChargeStatus.Reversed, Later + Duration.FromDays(3)),
            ],
            told.Select(one => (one.Type, one.Data.Amount, one.Data.Status, one.Data.At)));
        Assert.All(told, one => Assert.Equal(
            (id, "inv-1~0/1", "inv-1~0", "A1", "USD", null),
            (one.Data.Charge, one.Data.Key, one.Data.Payment, one.Data.Account, one.Data.Currency, one.Data.Code)));
        Assert.Equal(4, told.Select(one => one.Id).Distinct().Count());
    }

    private static RefundRequest Of(string key, string charge, long amount) => new(key, charge, "pay-k1", "A1", new Money(amount, Usd), Clock, Later, Test: true);

    private Task<RefundAnswer> RefundAsync(string key, string charge, long amount) => Gateway.RefundAsync(Of(key, charge, amount), CancellationToken.None);

    private async Task<string> CapturedAsync() => (await PlayAsync("k1", "ok")).Reference!;

    private async Task<(SandboxChargeStatus Status, long Amount, long Refunded, long Reversed)> RowAsync(string id)
    {
        var row = (await LedgerAsync()).Single(charge => charge.Id == id);
        Assert.Equal(row, await Service.FindChargeAsync(id));
        return (row.Status, row.Amount.MinorUnits, row.AmountRefunded.MinorUnits, row.AmountReversed.MinorUnits);
    }
}

public sealed class MemoryRefunds : RefundContract;

public sealed class PostgresRefunds : RefundContract, INeedsPostgres;
