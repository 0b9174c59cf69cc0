using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Testing;
using NodaTime;

namespace Billing.Grains.Tests.EndToEnd;

/// <summary>What the house keeps does not grow with all that ever happened in it.</summary>
public sealed class KeepingTests(BillingFixture billing) : IClassFixture<BillingFixture>
{
    [PostgresFact]
    public async Task Brake_AskedByManyAccounts_KeepsNothingOfThem()
    {
        for (var n = 0; n < 5; n++)
        {
            await billing.PutAccountAsync($"asks-{n}");
            await billing.Grains.Brake(GrainKeys.DeletionBrake).Deliver(new Delivery(GrainKeys.Account($"asks-{n}"), 1, new AskDeletion($"asks-{n}", Now), Now));
        }

        Assert.Equal(5, (await billing.Grains.Brake(GrainKeys.DeletionBrake).Read()).Permits.Length);
        await using var inbox = billing.Database.CreateCommand("select convert_from(payload, 'UTF8')::jsonb -> 'inbox' from grain_state where grain_key = 'brake/deletion'");
        Assert.Equal("{}", await inbox.ExecuteScalarAsync());
    }

#if ORLEANS
    [PostgresFact]
    public async Task Reminder_OfAnAccountThatIsHealthyAgain_IsForgottenAtItsNextTick()
    {
        var account = billing.Grains.Account("again");
        var profile = new AccountProfile { Id = "again", Name = "Ada", Emails = ["ada@example.com"], Currency = Currency.Parse("USD"), Policy = "digitalocean", Test = true };
        await account.Execute(new Call(new PutAccount(["name", "emails", "currency", "policy", "test"], profile), Now));
        Assert.IsType<Done>(await account.Execute(new Call(new PutSubscription("s", "plan", new Money(500, Currency.Parse("USD")), StartsAt: null), Now)));
        Assert.Equal(0L, await RemindersAsync());

        Assert.IsType<Done>(await account.Execute(new Call(new Extend(Now + Duration.FromHours(30), "asked nicely", Key: null), Now)));
        await Eventually.UntilAsync(RemindersAsync, count => count == 1L);
        Assert.IsType<Done>(await account.Execute(new Call(new EndExtension(), Now)));
        await account.AsReference<IRemindable>().ReceiveReminder("due", default);
        Assert.Equal(0L, await RemindersAsync());
    }

    private async Task<long> RemindersAsync()
    {
        await using var reminders = billing.Database.CreateCommand("select count(*) from OrleansRemindersTable where GrainId = 'account/acct/again'");
        return (long)(await reminders.ExecuteScalarAsync())!;
    }
#endif

    private static Instant Now => SystemClock.Instance.GetCurrentInstant();
}
