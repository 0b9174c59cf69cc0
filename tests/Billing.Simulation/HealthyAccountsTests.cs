using Billing.Domain;
using Billing.Simulation.Histories;
using Billing.Simulation.Installations;
using Billing.Simulation.Mutations;
using NodaTime;

namespace Billing.Simulation;

/// <summary>
/// A healthy account has no reminder, so a million of them have none: the real grains, renewed over several cycles. How a million rows
/// are searched is measured in <c>benchmarks/</c>.
/// </summary>
public sealed class HealthyAccountsTests
{
    private const int Accounts = 1_000;
    private const int Cycles = 3;

    private static readonly Currency s_usd = Currency.Parse("USD");

    [Theory]
    [InlineData("""{"interval": "30d"}""")]
    [InlineData("""{"calendar": "month", "day": 15, "time_zone": "UTC"}""")]
    public async Task Renewals_OfManyHealthyAccounts_SetNoReminder(string cycle)
    {
        var world = NewWorld(cycle);
        for (var n = 0; n < Accounts; n++)
        {
            Subscribe(world, n, "good");
            world.Advance(Duration.FromMinutes(17));
        }

        for (var day = 0; day < Cycles * 30 + 5; day++) world.Advance(Duration.FromDays(1));

        var renewed = Enumerable.Range(0, Accounts).Sum(n => world.Events(Name(n)).Count(e => e.Type == "subscription.renewed"));
        Assert.InRange(renewed, Cycles * Accounts, (Cycles + 1) * Accounts);
        Assert.All(world.Gateway.Charges, charge => Assert.True(charge.Captured > 0));
        Assert.All(Enumerable.Range(0, Accounts), n => Assert.Equal("good", world.Account(Name(n)).StandingName));
        Assert.Equal(0, world.Process.RemindersRegistered);

        // Nor does a process that starts on what is stored.
        Assert.Empty(await world.Index.RemindedAsync(int.MaxValue));
    }

    /// <summary>The count counts: an account whose renewal fails is in dunning, and has one.</summary>
    [Fact]
    public async Task Renewal_ThatFails_SetsReminders()
    {
        var world = NewWorld("""{"interval": "30d"}""");
        Subscribe(world, 0, "good");
        world.Tell(GrainKeys.Account(Name(0)), Method("bad"));
        world.Advance(Duration.FromDays(31));

        Assert.NotEqual(0, world.Process.RemindersRegistered);
        Assert.NotEmpty(await world.Index.RemindedAsync(int.MaxValue));
    }

    private static Installation NewWorld(string cycle)
    {
        var world = new Installation(seed: 7, Mutation.None, hasWakeUps: true, closesKeys: true, faultsPerMille: 0);
        world.Gateway.IsCalm = true;
        world.Policies.Book = PolicyBook.Empty.With(Installation.PolicyId, [Policies.Read(System.Text.Json.Nodes.JsonNode.Parse(
            $$$"""{"id": "{{{Installation.PolicyId}}}", "cycle": {{{cycle}}}, "collection": {"retry_after": ["1d", "3d"]}, "standings": [{"name": "late", "when": {"retries_exhausted": true}, "deny": ["purchase"], "message": "Pay."}]}""")!.AsObject())]);
        return world;
    }

    private static void Subscribe(Installation world, int n, string behaviour)
    {
        var key = GrainKeys.Account(Name(n));
        world.Tell(key, new PutAccount(["name", "emails", "currency", "policy", "test"], new AccountProfile { Id = Name(n), Name = "Ada", Emails = ["ada@example.com"], Currency = s_usd, Policy = Installation.PolicyId, Test = true }));
        world.Run();
        world.Tell(key, Method(behaviour));
        world.Tell(key, new PutSubscription("main", "pro", new Money(2_000, s_usd), null));
        world.Run();
    }

    private static PutPaymentMethod Method(string behaviour) => new(new PaymentMethod { Id = "card", Gateway = "sandbox", Token = $"tok-{behaviour}" }, MakeDefault: true);

    private static string Name(int n) => $"account-{n}";
}
