using Billing.Gateways;
using Billing.Testing;
using NodaTime;

namespace Billing.Sandbox.Tests;

/// <summary>What each outcome answers, and what row it leaves.</summary>
public abstract class OutcomeContract : SandboxContract
{
    [ContractFact]
    public async Task Charge_TokenWithoutScript_Succeeds()
    {
        var answer = await ChargeAsync(Request("k1", "unknown-token"));

        var row = Assert.Single(await LedgerAsync());
        Assert.Equal(new ChargeAnswer(ChargeStatus.Succeeded, row.Id, new Money(2000, Usd), null, Start), answer);
        Assert.Equal(
            ("k1", "pay-k1", "A1", Clock, new Money(2000, Usd), SandboxChargeStatus.Succeeded, Start, Start),
            (row.Key, row.Payment, row.Account, row.Clock, row.Amount, row.Status, row.CreatedAt, row.SettledAt!.Value));
        Assert.Equal((0L, 0L), (row.AmountRefunded.MinorUnits, row.AmountReversed.MinorUnits));
        Assert.Equal("ch_" + Ids.Hash("k1"), row.Id);
    }

    [ContractFact]
    public async Task Charge_Decline_IsDeclinedWithItsCodeAndAFailedRow()
    {
        var answer = await PlayAsync("k1", "decline:insufficient_funds");

        var row = Assert.Single(await LedgerAsync());
        Assert.Equal(new ChargeAnswer(ChargeStatus.Declined, row.Id, null, "insufficient_funds", Start), answer);
        Assert.Equal((SandboxChargeStatus.Failed, "insufficient_funds"), (row.Status, row.Code));
    }

    [ContractFact]
    public async Task Charge_Processing_IsProcessingUntilItSettles()
    {
        var answer = await PlayAsync("k1", "processing");

        var row = Assert.Single(await LedgerAsync());
        Assert.Equal(new ChargeAnswer(ChargeStatus.Processing, row.Id, null, null, Start), answer);
        Assert.Equal((SandboxChargeStatus.Processing, (Instant?)null, (Instant?)null), (row.Status, row.SettledAt, row.DueAt));
    }

    [ContractFact]
    public async Task Charge_AuthenticationRequiredOffSession_FailsAtOnce()
    {
        var answer = await PlayAsync("k1", "authentication_required");

        Assert.Equal((ChargeStatus.AuthenticationRequired, "authentication_required"), (answer.Status, answer.Code));
        var row = Assert.Single(await LedgerAsync());
        Assert.Equal((SandboxChargeStatus.Failed, "authentication_required"), (row.Status, row.Code));
        Assert.Null(answer.Action);
        Assert.Equal(answer, await ReadAsync(Request("k1")));
    }

    [ContractFact]
    public async Task Charge_Timeout_AnswersUnknownAndLeavesNothing()
    {
        Assert.Equal(new ChargeAnswer(ChargeStatus.Unknown), await PlayAsync("k1", "timeout"));
        Assert.Empty(await LedgerAsync());
        Assert.Equal(new ChargeAnswer(ChargeStatus.NotFound), await ReadAsync(Request("k1")));
    }

    [ContractFact]
    public async Task Charge_TimeoutCaptured_AnswersUnknownAndIsFoundOnlyByAsking()
    {
        Assert.Equal(new ChargeAnswer(ChargeStatus.Unknown), await PlayAsync("k1", "timeout_captured"));

        var row = Assert.Single(await LedgerAsync());
        Assert.Equal(SandboxChargeStatus.Succeeded, row.Status);
        Assert.True(await IsQuietAsync());
        Assert.Equal(0, await NewSender().SendDueAsync(CancellationToken.None));
        Assert.Equal(new ChargeAnswer(ChargeStatus.Succeeded, row.Id, new Money(2000, Usd), null, Start), await ReadAsync(Request("k1")));
    }

    [ContractFact]
    public async Task Charge_Error_AnswersErrorAndLeavesNothing()
    {
        Assert.Equal(new ChargeAnswer(ChargeStatus.Error, Code: SandboxGateway.GatewayDown), await PlayAsync("k1", "error"));
        Assert.Empty(await LedgerAsync());
    }

    [ContractFact]
    public async Task Charge_InstantFinerThanAMicrosecond_IsCutToOne()
    {
        var answer = await ChargeAsync(Request("k1", at: Start + Duration.FromTicks(123_456_7)));

        Assert.Equal(Start + Duration.FromTicks(123_456_0), answer.At);
        Assert.Equal(answer, await ReadAsync(Request("k1")));
    }
}

public sealed class MemoryOutcomes : OutcomeContract;

public sealed class PostgresOutcomes : OutcomeContract, INeedsPostgres;
