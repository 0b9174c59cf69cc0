using Billing.Domain;
using Billing.Grains.Accounts;
using Billing.Grains.Interfaces;
using Billing.Testing;
using NodaTime;

namespace Billing.Grains.Tests.EndToEnd;

/// <summary>The gate of an account that lives in this process, without a message: the same answer, or none.</summary>
public sealed class LocalAccountsTests(BillingFixture billing) : IClassFixture<BillingFixture>
{
    private static readonly GateQuestion s_purchase = new("purchase");

    private LocalAccounts Local => billing.Service<LocalAccounts>();

    [PostgresFact]
    public async Task AccountThatIsHere_AnswersAsItsGrainDoes()
    {
        await billing.PutAccountAsync("here");
        var call = new GateCall(s_purchase, Now(), 1);

        var local = Local.Check("here", call);

        Assert.NotNull(local?.Answer);
        Assert.Equivalent((await billing.Grains.Account("here").Check(call)).Answer, local.Answer);
    }

    [PostgresFact]
    public async Task AccountThatWasNeverAskedFor_IsNotHere()
    {
        await billing.PutAccountAsync("asked");
        Assert.Null(Local.Check("never-asked", new GateCall(s_purchase, Now(), 0)));
    }

    [PostgresFact]
    public async Task FactsThatAreNotHere_LeaveTheAnswerToTheGrain()
    {
        await billing.PutAccountAsync("behind");
        var version = (await billing.Grains.Account("behind").Read(new ReadCall(Now()))).View!.StandingVersion;

        Assert.NotNull(Local.Check("behind", new GateCall(s_purchase, Now(), version)));
        Assert.Null(Local.Check("behind", new GateCall(s_purchase, Now(), version + 1)));
    }

    [PostgresFact]
    public async Task ActivationWhoseWriteFails_AnswersNoMore_UntilTheAccountIsReadAgain()
    {
        await billing.PutAccountAsync("lost");
        // Somebody else writes the row.
        await using (var command = billing.Database.CreateCommand("UPDATE grain_state SET version = version + 1 WHERE grain_key = 'acct/lost'"))
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        Assert.NotNull(Local.Check("lost", new GateCall(s_purchase, Now(), 0)));

        await Assert.ThrowsAnyAsync<Exception>(() => billing.PutAccountAsync("lost", "Another name"));

        Assert.Null(Local.Check("lost", new GateCall(s_purchase, Now(), 0)));
        await Eventually.UntilAsync(() => PutAgainAsync("lost"), isDone => isDone);
        Assert.NotNull(Local.Check("lost", new GateCall(s_purchase, Now(), 0)));
    }

    [PostgresFact]
    public async Task Stop_EndsTheAnswers()
    {
        await billing.PutAccountAsync("stopped");
        var local = Local;
        Assert.NotNull(local.Check("stopped", new GateCall(s_purchase, Now(), 0)));

        await billing.RestartAsync();

        Assert.Null(local.Check("stopped", new GateCall(s_purchase, Now(), 0)));
    }

    private static Instant Now() => SystemClock.Instance.GetCurrentInstant();

    private async Task<bool> PutAgainAsync(string account)
    {
        try
        {
            await billing.PutAccountAsync(account, "Yet another name");
            return true;
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
        {
            return false;
        }
    }
}
