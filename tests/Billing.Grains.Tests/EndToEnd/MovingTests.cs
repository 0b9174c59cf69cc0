#if ORLEANS
using Billing.Domain;
using Billing.Grains.Accounts;
using Billing.Grains.Interfaces;
using Billing.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Billing.Grains.Tests.EndToEnd;

/// <summary>An activation that moves to another silo brings nothing there that no write has acknowledged.</summary>
public sealed class MovingTests(BillingFixture billing) : IClassFixture<BillingFixture>
{
    [PostgresFact]
    public async Task Move_WhileAWriteFails_TheOtherSiloKnowsOnlyWhatIsStored()
    {
        await billing.PutAccountAsync("moves");
        var other = await billing.JoinAsync();
        try
        {
            var account = billing.Grains.Account("moves");
            var (source, destination) = await IsOnAsync(account, billing) ? (billing, other) : (other, billing);
            var target = SiloAddress.FromParsableString(destination.Service<LocalAccounts>().Silo!);

            await using var connection = await billing.Database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("select 1 from grain_state where grain_key = 'acct/moves' for update", connection, transaction)) await hold.ExecuteNonQueryAsync();
            var refused = account.Execute(new Call(new PutAccount(["name"], new AccountProfile { Id = "moves", Name = "Never stored" }), SystemClock.Instance.GetCurrentInstant()));
            Activation(source, account).Migrate(new Dictionary<string, object>(StringComparer.Ordinal) { [IPlacementDirector.PlacementHintKey] = target });
            await Assert.ThrowsAnyAsync<Exception>(() => refused);

            // The row is held until it has moved: a caller may give up before the write does.
            var moved = await Eventually.UntilAsync(() => account.Check(new GateCall(new GateQuestion("purchase"), SystemClock.Instance.GetCurrentInstant())), result => result.Silo == target.ToParsableString());
            Assert.NotNull(moved.Answer);
            Assert.Equal("Ada", (await account.Read(new ReadCall(SystemClock.Instance.GetCurrentInstant()))).View!.Profile.Name);
            await transaction.RollbackAsync();
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    /// <summary>What a rebalancing silo moves: it asks no grain, and waits for no turn.</summary>
    private static IGrainContext Activation(BillingFixture silo, IAccountGrain account)
    {
        var directory = Type.GetType("Orleans.Runtime.ActivationDirectory, Orleans.Runtime", throwOnError: true)!;
        return ((IEnumerable<KeyValuePair<GrainId, IGrainContext>>)silo.Services.GetRequiredService(directory)).Single(activation => activation.Key == account.GetGrainId()).Value;
    }

    private static async Task<bool> IsOnAsync(IAccountGrain account, BillingFixture silo) =>
        (await account.Check(new GateCall(new GateQuestion("purchase"), SystemClock.Instance.GetCurrentInstant()))).Silo == silo.Service<LocalAccounts>().Silo;
}
#endif
