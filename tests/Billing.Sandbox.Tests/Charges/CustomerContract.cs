using Billing.Gateways;
using Billing.Testing;
using NodaTime;

namespace Billing.Sandbox.Tests;

/// <summary>Charges that wait for the customer: a challenge to answer, coins to send, a window.</summary>
public abstract class CustomerContract : SandboxContract
{
    private static readonly Instant Later = Start + Duration.FromMinutes(20);
    private static readonly Instant Until = Start + Duration.FromHours(1);
    private static readonly Duration Microsecond = Duration.FromTicks(10);

    [ContractFact]
    public async Task Challenge_ByHand_WaitsForTheCustomerWithARedirect()
    {
        var answer = await PlayAsync("k1", "authentication_required", byHand: true, expiresAt: Until);

        var row = Assert.Single(await LedgerAsync());
        Assert.Equal((SandboxChargeStatus.Processing, null, null, Until), (row.Status, row.Code, row.SettledAt, row.ExpiresAt!.Value));
        Assert.Equal(
            new ChargeAnswer(ChargeStatus.AwaitingCustomer, row.Id, At: Start, Action: new($"https://sandbox.invalid/challenge/{row.Id}", null, null, null, Until)),
            answer);
        Assert.Equal(answer, await ReadAsync(Request("k1")));
        Assert.Equal(answer, await ChargeAsync(Request("k1", "tok-k1", byHand: true, expiresAt: Until)));
        Assert.Empty(await ToldAsync());
    }

    [ContractFact]
    public async Task Challenge_WithoutAWindow_WaitsForEver()
    {
        var answer = await PlayAsync("k1", "authentication_required", byHand: true);

        Assert.Null(answer.Action!.ExpiresAt);
        Assert.Null(await Gateway.EarliestDueAsync(Clock, CancellationToken.None));
    }

    [ContractFact]
    public async Task Challenge_OffSession_HasNoWindow()
    {
        await PlayAsync("k1", "authentication_required", expiresAt: Until);

        Assert.Null(await Gateway.EarliestDueAsync(Clock, CancellationToken.None));
        Assert.Null(Assert.Single(await LedgerAsync()).ExpiresAt);
    }

    [ContractTheory]
    [InlineData("processing")]
    [InlineData("processing_ok:30m")]
    [InlineData("processing_fail:30m")]
    public async Task Coins_WhatMayComeYet_WaitsAtAnAddressOfItsOwn(string outcome)
    {
        var first = await PlayAsync("k1", outcome, kind: MethodKind.Crypto, expiresAt: Until);
        var second = await PlayAsync("k2", outcome, kind: MethodKind.Crypto, byHand: true, expiresAt: Until);

        Assert.Equal((ChargeStatus.AwaitingCustomer, ChargeRules.IdOf("k1"), Start), (first.Status, first.Reference, first.At!.Value));
        Assert.Equal(new NextAction(null, first.Action!.Address, "20.00 USD", "sandbox", Until), first.Action);
        Assert.Matches(@"\Asandbox1[0-9a-f]{32}\z", first.Action.Address);
        Assert.NotEqual(first.Action.Address, second.Action!.Address);
        Assert.Equal(first, await ReadAsync(Request("k1")));
        Assert.All(await LedgerAsync(), row => Assert.Equal(SandboxChargeStatus.Processing, row.Status));
    }

    [ContractFact]
    public async Task Coins_Ok_ComeAtOnce()
    {
        var answer = await PlayAsync("k1", "ok", kind: MethodKind.Crypto, expiresAt: Until);

        Assert.Equal(new ChargeAnswer(ChargeStatus.Succeeded, ChargeRules.IdOf("k1"), new Money(2000, Usd), null, Start), answer);
        Assert.Null(await Gateway.EarliestDueAsync(Clock, CancellationToken.None));
    }

    [ContractTheory]
    [InlineData("decline:a", ChargeStatus.Declined, 1)]
    [InlineData("error", ChargeStatus.Error, 0)]
    [InlineData("timeout", ChargeStatus.Unknown, 0)]
    [InlineData("timeout_captured", ChargeStatus.Unknown, 1)]
    public async Task Coins_WhatDoesNotWait_IsAsForCards(string outcome, ChargeStatus expected, int rows)
    {
        var answer = await PlayAsync("k1", outcome, kind: MethodKind.Crypto, expiresAt: Until);

        Assert.Equal((expected, (NextAction?)null), (answer.Status, answer.Action));
        var left = await LedgerAsync();
        Assert.Equal(rows, left.Length);
        Assert.All(left, row => Assert.Null(row.Asks));
        Assert.Null(await Gateway.EarliestDueAsync(Clock, CancellationToken.None));
    }

    [ContractFact]
    public async Task Bank_Processing_HasNoWindowAndAsksNothing()
    {
        var answer = await PlayAsync("k1", "processing", kind: MethodKind.Bank, expiresAt: Until);

        Assert.Equal((ChargeStatus.Processing, (NextAction?)null), (answer.Status, answer.Action));
        Assert.Null(await Gateway.EarliestDueAsync(Clock, CancellationToken.None));
    }

    [ContractTheory]
    [InlineData("processing_ok:30m", ChargeStatus.Succeeded, null)]
    [InlineData("processing_fail:30m", ChargeStatus.Declined, ScriptStep.LateFailureCode)]
    public async Task Coins_SettleByThemselves(string outcome, ChargeStatus expected, string? code)
    {
        await PlayAsync("k1", outcome, kind: MethodKind.Crypto, expiresAt: Until);
        var dueAt = Start + Duration.FromMinutes(30);
        Assert.Equal(dueAt, await Gateway.EarliestDueAsync(Clock, CancellationToken.None));

        await AdvanceAsync(Until);

        var answer = await ReadAsync(Request("k1"));
        Assert.Equal((expected, code, dueAt, null), (answer.Status, answer.Code, answer.At!.Value, answer.Action));
        Assert.Equal(dueAt, Assert.Single(await ToldAsync()).Data.At);
    }

    [ContractTheory]
    [InlineData("authentication_required", MethodKind.Card)]
    [InlineData("processing", MethodKind.Crypto)]
    [InlineData("processing_ok:61m", MethodKind.Crypto)]
    public async Task Window_Past_FailsExactlyThenAndIsTold(string outcome, MethodKind kind)
    {
        var id = (await PlayAsync("k1", outcome, byHand: true, kind: kind, expiresAt: Until)).Reference!;
        Assert.Equal(Until, await Gateway.EarliestDueAsync(Clock, CancellationToken.None));

        await AdvanceAsync(Until - Microsecond);
        Assert.Equal(ChargeStatus.AwaitingCustomer, (await ReadAsync(Request("k1"))).Status);

        await AdvanceAsync(Until + Duration.FromDays(1));
        Assert.Equal(new ChargeAnswer(ChargeStatus.Declined, id, null, "expired", Until), await ReadAsync(Request("k1")));
        Assert.Equal(SandboxChargeStatus.Failed, Assert.Single(await LedgerAsync()).Status);
        Assert.Null(await Gateway.EarliestDueAsync(Clock, CancellationToken.None));
        var told = Assert.Single(await ToldAsync());
        Assert.Equal((SandboxEventTypes.Failed, "expired", Until, "k1"), (told.Type, told.Data.Code, told.Data.At, told.Data.Key));
    }

    [ContractTheory]
    [InlineData("processing_ok:60m", SandboxChargeStatus.Succeeded, null)]
    [InlineData("processing_fail:60m", SandboxChargeStatus.Failed, ScriptStep.LateFailureCode)]
    public async Task Window_AtTheInstantOfSettling_SettlingWins(string outcome, SandboxChargeStatus expected, string? code)
    {
        await PlayAsync("k1", outcome, kind: MethodKind.Crypto, expiresAt: Until);

        await AdvanceAsync(Until);

        var row = Assert.Single(await LedgerAsync());
        Assert.Equal((expected, code, Until), (row.Status, row.Code, row.SettledAt!.Value));
    }

    [ContractFact]
    public async Task Window_InRealTime_Closes()
    {
        var madeAt = Time.Now();
        await ScriptAsync("tok", "authentication_required");
        await ChargeAsync(Request("k1", clock: null, at: madeAt, byHand: true, expiresAt: madeAt + Duration.FromMinutes(60)));
        Time.Advance(TimeSpan.FromMinutes(60));

        await Gateway.SettleAsync(clock: null, Time.Now(), CancellationToken.None);

        Assert.Equal("expired", (await ReadAsync(Request("k1", clock: null))).Code);
    }

    [ContractFact]
    public async Task Settle_Ok_CapturesAndCloses()
    {
        var challenge = (await PlayAsync("k1", "authentication_required", byHand: true, expiresAt: Until)).Reference!;
        var coins = (await PlayAsync("k2", "processing", kind: MethodKind.Crypto, expiresAt: Until)).Reference!;

        foreach (var (id, key) in new[] { (challenge, "k1"), (coins, "k2") })
        {
            Assert.Equal(SandboxChargeStatus.Succeeded, (await Service.SettleAsync(id, "ok", Later)).Value!.Status);
            Assert.Equal(new ChargeAnswer(ChargeStatus.Succeeded, id, new Money(2000, Usd), null, Later), await ReadAsync(Request(key)));
        }

        await AdvanceAsync(Until);
        Assert.Equal([SandboxEventTypes.Succeeded, SandboxEventTypes.Succeeded], (await ToldAsync()).Select(told => told.Type));
        Assert.All(await LedgerAsync(), row => Assert.Null(row.Code));
    }

    [ContractFact]
    public async Task Settle_Decline_FailsWithItsCode()
    {
        var id = (await PlayAsync("k1", "authentication_required", byHand: true, expiresAt: Until)).Reference!;

        await Service.SettleAsync(id, "decline:challenge_failed", Later);

        Assert.Equal(new ChargeAnswer(ChargeStatus.Declined, id, null, "challenge_failed", Later), await ReadAsync(Request("k1")));
        var told = Assert.Single(await ToldAsync());
        Assert.Equal((SandboxEventTypes.Failed, "challenge_failed"), (told.Type, told.Data.Code));
    }

    [ContractTheory]
    [InlineData(1)]
    [InlineData(1999)]
    [InlineData(2001)]
    [InlineData(Money.Largest)]
    public async Task Settle_CoinsShortOrOver_CapturesWhatCame(long amount)
    {
        var id = (await PlayAsync("k1", "processing", kind: MethodKind.Crypto, expiresAt: Until)).Reference!;

        var settled = (await Service.SettleAsync(id, "ok", Later, new Money(amount, Usd))).Value!;

        Assert.Equal((SandboxChargeStatus.Succeeded, amount), (settled.Status, settled.Amount.MinorUnits));
        Assert.Equal(amount, Assert.Single(await LedgerAsync()).Amount.MinorUnits);
        Assert.Equal(new Money(amount, Usd), (await ReadAsync(Request("k1"))).Amount);
        Assert.Equal(new Money(amount, Usd), (await ChargeAsync(Request("k1", "tok-k1", kind: MethodKind.Crypto))).Amount);
        Assert.Equal(amount, Assert.Single(await ToldAsync()).Data.Amount);
    }

    [ContractFact]
    public async Task Settle_AmountThatCannotBe_IsRefused()
    {
        var id = (await PlayAsync("k1", "processing", kind: MethodKind.Crypto)).Reference!;

        foreach (var (outcome, amount) in new[] { ("ok", 0L), ("ok", -1L), ("ok", Money.Largest + 1), ("decline:a", 2000L) })
        {
            var refusal = (await Service.SettleAsync(id, outcome, Later, new Money(amount, Usd))).Refusal!;
            Assert.Equal((SandboxRefusalKind.Invalid, "amount"), (refusal.Kind, Assert.Single(refusal.Errors!).Key));
        }

        Assert.Equal(SandboxRefusalKind.Conflict, (await Service.SettleAsync(id, "ok", Later, new Money(2000, Currency.Parse("EUR")))).Refusal!.Kind);
        Assert.Equal(SandboxChargeStatus.Processing, Assert.Single(await LedgerAsync()).Status);
    }

    [ContractFact]
    public async Task Settle_PastTheWindowThatNobodyHasClosedYet_ComesTooLate()
    {
        var id = (await PlayAsync("k1", "processing", kind: MethodKind.Crypto, expiresAt: Until)).Reference!;

        Assert.Equal(SandboxRefusalKind.Conflict, (await Service.SettleAsync(id, "ok", Until)).Refusal!.Kind);

        Assert.Equal(new ChargeAnswer(ChargeStatus.Declined, id, null, "expired", Until), await ReadAsync(Request("k1")));
        Assert.Equal("expired", Assert.Single(await ToldAsync()).Data.Code);
    }
}

public sealed class MemoryCustomers : CustomerContract;

public sealed class PostgresCustomers : CustomerContract, INeedsPostgres;
