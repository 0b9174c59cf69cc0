using Billing.Gateways;
using Billing.Testing;

namespace Billing.Sandbox.Tests;

/// <summary>One key is one charge; an unknown key that was asked about is none, for good; a script is taken in order.</summary>
public abstract class KeyContract : SandboxContract
{
    [ContractFact]
    public async Task Script_IsTakenInOrderAndItsLastOutcomeRepeats()
    {
        await ScriptAsync("tok", "decline:a", "decline:b", "ok");

        var answers = new List<ChargeAnswer>();
        for (var i = 0; i < 5; i++) answers.Add(await ChargeAsync(Request($"k{i}")));

        Assert.Equal(["a", "b", null, null, null], answers.Select(answer => answer.Code));
    }

    [ContractFact]
    public async Task Script_PutAgain_StartsAnew()
    {
        await ScriptAsync("tok", "decline:a", "ok");
        await ChargeAsync(Request("k1"));
        await ScriptAsync("tok", "decline:a", "ok");

        Assert.Equal("a", (await ChargeAsync(Request("k2"))).Code);
        Assert.Equal(ChargeStatus.Succeeded, (await ChargeAsync(Request("k3"))).Status);
    }

    [ContractFact]
    public async Task Script_LeftOut_GoesOnAndTheRestChanges()
    {
        await ScriptAsync("tok", "decline:a", "decline:b");
        await ChargeAsync(Request("k1"));
        var method = (await Service.PutMethodAsync("tok", script: null, fingerprint: "f1", network: "visa", funding: "credit")).Value!;

        Assert.Equal(["decline:a", "decline:b"], method.Script.AsEnumerable());
        Assert.Equal(("f1", "visa", "credit"), (method.Fingerprint, method.Network, method.Funding));
        Assert.Equal("b", (await ChargeAsync(Request("k2"))).Code);

        var cleared = (await Service.PutMethodAsync("tok", script: [], fingerprint: "")).Value!;
        Assert.Equal((true, null, "visa"), (cleared.Script.IsEmpty, cleared.Fingerprint, cleared.Network));
        Assert.Equal(ChargeStatus.Succeeded, (await ChargeAsync(Request("k3"))).Status);
    }

    [ContractFact]
    public async Task Script_ManyAtOnce_EachTakesOneOutcome()
    {
        var codes = Enumerable.Range(0, 60).Select(i => $"c{i}").ToArray();
        await ScriptAsync("tok", [.. codes.Select(code => "decline:" + code)]);

        var answers = await Task.WhenAll(codes.Select(code => Task.Run(() => ChargeAsync(Request("key-" + code)))));

        Assert.Equal(codes.Order(), answers.Select(answer => answer.Code).Order());
    }

    [ContractFact]
    public async Task Charge_SameKeyAgain_AnswersWhatTheFirstDid()
    {
        await ScriptAsync("tok", "decline:a", "ok");
        var first = await ChargeAsync(Request("k1"));
        var again = await ChargeAsync(Request("k1") with { At = Start + NodaTime.Duration.FromDays(1), ByHand = true });

        Assert.Equal(first, again);
        Assert.Single(await LedgerAsync());
        Assert.Equal(ChargeStatus.Succeeded, (await ChargeAsync(Request("k2"))).Status);
    }

    [ContractFact]
    public async Task Charge_SameKeyManyTimesAtOnce_IsOneChargeAndTakesOneOutcome()
    {
        await ScriptAsync("tok", "decline:a", "decline:b", "ok");

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => ChargeAsync(Request("k1")))));

        Assert.Equal("a", Assert.Single(answers.Distinct()).Code);
        Assert.Single(await LedgerAsync());
        Assert.Equal("b", (await ChargeAsync(Request("k2"))).Code);
    }

    [ContractFact]
    public async Task Charge_SameKeyAfterASilentCapture_SaysThatItSucceeded()
    {
        await PlayAsync("k1", "timeout_captured");

        Assert.Equal(ChargeStatus.Succeeded, (await ChargeAsync(Request("k1", "tok-k1"))).Status);
        Assert.Single(await LedgerAsync());
    }

    [ContractFact]
    public async Task Charge_SameKeyWithOtherContent_IsUnknownAndMovesNothing()
    {
        await ChargeAsync(Request("k1"));
        ChargeRequest[] others =
        [
            Request("k1", amount: 2001), Request("k1", token: "other"), Request("k1", account: "A2"),
            Request("k1") with { Payment = "other" }, Request("k1") with { Kind = MethodKind.Bank },
        ];

        foreach (var other in others)
        {
            Assert.Equal(new ChargeAnswer(ChargeStatus.Unknown, Code: SandboxGateway.IdempotencyMismatch), await ChargeAsync(other));
        }

        Assert.Equal(2000, Assert.Single(await LedgerAsync()).Amount.MinorUnits);
    }

    [ContractFact]
    public async Task Charge_KeyThatLeftNoRow_IsANewTry()
    {
        await ScriptAsync("tok", "timeout", "error", "ok");

        Assert.Equal(ChargeStatus.Unknown, (await ChargeAsync(Request("k1"))).Status);
        Assert.Equal(ChargeStatus.Error, (await ChargeAsync(Request("k1"))).Status);
        Assert.Equal(ChargeStatus.Succeeded, (await ChargeAsync(Request("k1"))).Status);
        Assert.Single(await LedgerAsync());
    }

    [ContractFact]
    public async Task Read_UnknownKey_ClosesIt()
    {
        await ScriptAsync("tok", "decline:a", "ok");
        Assert.Equal(new ChargeAnswer(ChargeStatus.NotFound), await ReadAsync(Request("k1")));

        Assert.Equal(new ChargeAnswer(ChargeStatus.Error, Code: SandboxGateway.KeyClosed), await ChargeAsync(Request("k1")));
        Assert.Equal(new ChargeAnswer(ChargeStatus.NotFound), await ReadAsync(Request("k1")));
        Assert.Empty(await LedgerAsync());
        Assert.Null(await Service.FindChargeAsync(ChargeRules.IdOf("k1")));
        Assert.Equal("a", (await ChargeAsync(Request("k2"))).Code);
    }

    [ContractFact]
    public async Task Read_WhileChargesCome_FindsTheChargeOrClosesTheKey_NeverBoth()
    {
        const int Pairs = 1000;
        await ScriptAsync("tok", "ok");
        var pairs = await Task.WhenAll(Enumerable.Range(0, Pairs).Select(i => Task.Run(async () =>
        {
            var request = Request($"k{i}");

            // Half of them the other way round, so that each side is often the first.
            var charge = i % 2 == 0 ? ChargeAsync(request) : null;
            var read = ReadAsync(request);
            return (Charge: await (charge ?? ChargeAsync(request)), Read: await read);
        })));

        Assert.All(pairs, pair => Assert.True(
            (pair.Charge.Status, pair.Read.Status) is (ChargeStatus.Succeeded, ChargeStatus.Succeeded) or (ChargeStatus.Error, ChargeStatus.NotFound),
            $"{pair.Charge} {pair.Read}"));
        var rows = 0;
        for (string? after = null; ;)
        {
            var page = (await Service.ListChargesAsync(after: after, limit: 200)).Value!;
            rows += page.Data.Length;
            if ((after = page.Next) is null) break;
        }

        Assert.Equal(pairs.Count(pair => pair.Charge.Status == ChargeStatus.Succeeded), rows);
    }
}

public sealed class MemoryKeys : KeyContract;

public sealed class PostgresKeys : KeyContract, INeedsPostgres;
