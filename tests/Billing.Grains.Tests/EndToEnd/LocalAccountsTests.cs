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
        await PutAsync("here", "Here");
        var call = new GateCall(s_purchase, Now(), 1);

        var local = Local.Check("here", call);

        Assert.NotNull(local?.Answer);
        Assert.Equivalent((await billing.Grains.Account("here").Check(call)).Answer, local.Answer);
    }

    [PostgresFact]
    public async Task AccountThatWasNeverAskedFor_IsNotHere()
    {
        await PutAsync("asked", "Asked");
        Assert.Null(Local.Check("never-asked", new GateCall(s_purchase, Now(), 0)));
    }

    [PostgresFact]
    public async Task FactsThatAreNotHere_LeaveTheAnswerToTheGrain()
    {
        await PutAsync("behind", "Behind");
        var version = (await billing.Grains.Account("behind").Read(new ReadCall(Now()))).View!.StandingVersion;

        Assert.NotNull(Local.Check("behind", new GateCall(s_purchase, Now(), version)));
        Assert.Null(Local.Check("behind", new GateCall(s_purchase, Now(), version + 1)));
    }

    [PostgresFact]
    public async Task ActivationWhoseWriteFails_AnswersNoMore_UntilTheAccountIsReadAgain()
    {
        await PutAsync("lost", "Lost");
        // Somebody else writes the row.
        await using (var command = billing.Database.CreateCommand("UPDATE grain_state SET version = version + 1 WHERE grain_key = 'acct/lost'"))
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        Assert.NotNull(Local.Check("lost", new GateCall(s_purchase, Now(), 0)));

        await Assert.ThrowsAnyAsync<Exception>(() => PutAsync("lost", "Another name"));

        Assert.Null(Local.Check("lost", new GateCall(s_purchase, Now(), 0)));
        await Eventually.Read(() => PutAgainAsync("lost"), isDone => isDone);
        Assert.NotNull(Local.Check("lost", new GateCall(s_purchase, Now(), 0)));
    }

    [PostgresFact]
    public async Task Stop_EndsTheAnswers()
    {
        await PutAsync("stopped", "Stopped");
        var local = Local;
        Assert.NotNull(local.Check("stopped", new GateCall(s_purchase, Now(), 0)));

        await billing.RestartAsync();

        Assert.Null(local.Check("stopped", new GateCall(s_purchase, Now(), 0)));
    }

    private static Instant Now() => SystemClock.Instance.GetCurrentInstant();

    private async Task PutAsync(string account, string name)
    {
        var profile = new AccountProfile { Id = account, Name = name, Emails = ["owner@example.com"], Currency = Currency.Parse("USD"), Policy = "cloudflare", Test = true };
        Assert.IsType<Done>(await billing.Grains.Account(account).Execute(new Call(new PutAccount(["name", "emails", "currency", "policy", "test"], profile), Now())));
    }

    private async Task<bool> PutAgainAsync(string account)
    {
        try
        {
            await PutAsync(account, "Yet another name");
            return true;
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
        {
            return false;
        }
    }
}
