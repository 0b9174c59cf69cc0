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

    private static Instant Now => SystemClock.Instance.GetCurrentInstant();
}
