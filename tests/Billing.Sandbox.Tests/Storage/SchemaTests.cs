using Billing.Gateways;
using Billing.Testing;
using NodaTime;

namespace Billing.Sandbox.Tests;

/// <summary>What a later step of the schema makes of rows that an earlier one left.</summary>
public sealed class SchemaTests
{
    private static readonly Instant MadeAt = Instant.FromUtc(2026, 3, 1, 12, 0);

    [PostgresFact]
    public async Task Apply_OverTheFirstStep_KeepsChallengesAndEvents()
    {
        await using var database = new SandboxDatabase(new SandboxOptions { ConnectionString = await PostgresCluster.CreateEmptyDatabaseAsync(nameof(SchemaTests)) });
        await ExecuteAsync(database, "create schema sandbox; create table sandbox.migrations (name text primary key, applied_at timestamptz not null default now())");
        await ExecuteAsync(database, await FirstStepAsync());
        await ExecuteAsync(
            database,
            """
            insert into sandbox.migrations (name) values ('0001_sandbox');
            insert into sandbox.charges (id, key, content, payment, account, clock, amount, currency, status, code, challenge, created_at, settled_at, amount_reversed) values
                ('ch_waits', 'waits', '', 'p', 'A', '', 2000, 'USD', 'processing', 'authentication_required', true, '2026-03-01T12:00:00Z', null, 0),
                ('ch_failed', 'failed', '', 'p', 'A', '', 2000, 'USD', 'failed', 'authentication_required', true, '2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z', 0),
                ('ch_lost', 'lost', '', 'p', 'A', '', 2000, 'USD', 'reversed', null, false, '2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z', 1500);
            insert into sandbox.events (id, type, charge, clock, status, at, created_at, next_try_at) values
                ('e1', 'charge.succeeded', 'ch_lost', '', 'succeeded', '2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z'),
                ('e2', 'charge.dispute_lost', 'ch_lost', '', 'reversed', '2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z');
            """);

        await new SandboxSchema(database).ApplyAsync(CancellationToken.None);

        var ledger = new PostgresLedger(database);
        Assert.Equal(ChargeStatus.AwaitingCustomer, ChargeRules.Answer((await ledger.FindAsync("ch_waits", CancellationToken.None))!).Status);
        Assert.Equal(ChargeStatus.AuthenticationRequired, ChargeRules.Answer((await ledger.FindAsync("ch_failed", CancellationToken.None))!).Status);
        Assert.Equal(ChargeStatus.Succeeded, ChargeRules.Answer((await ledger.FindAsync("ch_lost", CancellationToken.None))!).Status);
        var outbox = new PostgresOutbox(database);
        var first = Assert.Single(await outbox.ClaimAsync(MadeAt, MadeAt, 10, CancellationToken.None));
        await outbox.DeliveredAsync(first, CancellationToken.None);
        var second = Assert.Single(await outbox.ClaimAsync(MadeAt, MadeAt, 10, CancellationToken.None));
        Assert.Equal((2000L, 1500L), (first.Event.Amount.MinorUnits, second.Event.Amount.MinorUnits));
    }

    private static async Task<string> FirstStepAsync()
    {
        using var reader = new StreamReader(typeof(SandboxSchema).Assembly.GetManifestResourceStream("Migrations/0001_sandbox")!);
        return await reader.ReadToEndAsync();
    }

    private static async Task ExecuteAsync(SandboxDatabase database, string sql)
    {
        await using var command = database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
