#if EMBEDDED
using Billing.Testing;
using Npgsql;
using static Billing.Grains.Tests.Storage.StoreUnderTest;

namespace Billing.Grains.Tests.Storage;

public sealed class EventVisibilityDatabase() : PostgresDatabase("event_visibility");

public sealed class EventVisibilityTests(EventVisibilityDatabase database) : IClassFixture<EventVisibilityDatabase>
{
    [PostgresFact]
    public async Task Feed_HoldsBackWhatComesAfterAnOpenWrite_AndSkipsNothing()
    {
        var s = Postgres(database.DataSource, nameof(Feed_HoldsBackWhatComesAfterAnOpenWrite_AndSkipsNothing));
        await s.WriteAsync("acct/before", null, events: Event("before", "before"));
        await using var open = await OpenWriteAsync(nameof(Feed_HoldsBackWhatComesAfterAnOpenWrite_AndSkipsNothing), "acct/open");
        await s.WriteAsync("acct/after", null, events: Event("after", "after"));

        var page = await s.Events.ReadAsync(0, null, null, 10);
        Assert.Equal(["before"], page.Events.Select(x => x.Type));
        Assert.Equal(page.Next, await s.Events.HeadAsync());
        await open.Transaction.CommitAsync();
        Assert.Equal(page.Next + 2, await s.Events.HeadAsync());
        page = await s.Events.ReadAsync(page.Next, null, null, 10);
        Assert.Equal(["late", "after"], page.Events.Select(x => x.Type));
    }

    // The case that a comparison of transaction ids gets wrong: the lower number is of the transaction with the higher id.
    [PostgresFact]
    public async Task Feed_SkipsNothing_WhereTheOlderTransactionTakesTheLaterNumberAndCommitsFirst()
    {
        const string service = nameof(Feed_SkipsNothing_WhereTheOlderTransactionTakesTheLaterNumberAndCommitsFirst);
        var s = Postgres(database.DataSource, service);
        await using var older = await OpenTransaction.BeginAsync(database.DataSource);
        await older.ExecuteAsync("SELECT pg_current_xact_id()");
        await using var younger = await OpenTransaction.BeginAsync(database.DataSource);
        await younger.WriteAsync(service, "acct/younger", "lower number");
        await older.WriteAsync(service, "acct/older", "higher number");
        await older.Transaction.CommitAsync();

        Assert.Empty((await s.Events.ReadAsync(0, null, null, 10)).Events);
        await younger.Transaction.CommitAsync();
        Assert.Equal(["lower number", "higher number"], (await s.Events.ReadAsync(0, null, null, 10)).Events.Select(x => x.Type));
    }

    [PostgresFact]
    public async Task Feed_GoesOnPastAWriteThatWasRolledBack()
    {
        const string service = nameof(Feed_GoesOnPastAWriteThatWasRolledBack);
        var s = Postgres(database.DataSource, service);
        await using var open = await OpenWriteAsync(service, "acct/open");
        await s.WriteAsync("acct/after", null, events: Event("after", "after"));
        Assert.Empty((await s.Events.ReadAsync(0, null, null, 10)).Events);
        await open.Transaction.RollbackAsync();
        Assert.Equal(["after"], (await s.Events.ReadAsync(0, null, null, 10)).Events.Select(x => x.Type));
    }

    [PostgresFact]
    public async Task Feed_ShowsOnesOwnWriteAtOnce_BesideATransactionThatWritesNoEvents()
    {
        const string service = nameof(Feed_ShowsOnesOwnWriteAtOnce_BesideATransactionThatWritesNoEvents);
        var s = Postgres(database.DataSource, service);
        await using var idle = await OpenTransaction.BeginAsync(database.DataSource);
        await idle.ExecuteAsync("SELECT pg_current_xact_id()");
        await s.WriteAsync("acct/a", null, events: Event("a", "mine"));
        Assert.Equal(["mine"], (await s.Events.ReadAsync(0, null, null, 10)).Events.Select(x => x.Type));
    }

    [PostgresFact]
    public async Task Feed_ReadWhileManyWrite_MeetsEachEventOnceInOrder()
    {
        const string service = nameof(Feed_ReadWhileManyWrite_MeetsEachEventOnceInOrder);
        var s = Postgres(database.DataSource, service);
        var writers = Task.WhenAll(Enumerable.Range(0, 6).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
                await s.WriteAsync($"acct/{w}-{i}", null, events: [Event($"{w}", "one"), Event($"{w}", "two")]);
        })));
        var seen = new List<(long Seq, string? Account, long? AccountSeq)>();
        var (after, done) = (0L, false);
        while (true)
        {
            var page = await s.Events.ReadAsync(after, null, null, 50);
            seen.AddRange(page.Events.Select(x => (x.Seq, x.Account, x.AccountSeq)));
            after = page.Next;
            if (done && page.Events.Count == 0)
                break;
            done = writers.IsCompleted;
        }
        await writers;
        Assert.Equal(720, seen.Count);
        Assert.All(seen.GroupBy(x => x.Account), x => Assert.Equal(Enumerable.Range(1, 120).Select(n => (long?)n), x.Select(y => y.AccountSeq)));
    }

    private async Task<OpenTransaction> OpenWriteAsync(string service, string key)
    {
        var open = await OpenTransaction.BeginAsync(database.DataSource);
        await open.WriteAsync(service, key, "late");
        return open;
    }

    private sealed record OpenTransaction(NpgsqlConnection Connection, NpgsqlTransaction Transaction) : IAsyncDisposable
    {
        public static async Task<OpenTransaction> BeginAsync(NpgsqlDataSource dataSource)
        {
            var connection = await dataSource.OpenConnectionAsync();
            return new OpenTransaction(connection, await connection.BeginTransactionAsync());
        }

        public async Task ExecuteAsync(string sql, params object[] values)
        {
            await using var command = new NpgsqlCommand(sql, Connection, Transaction);
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            await command.ExecuteNonQueryAsync();
        }

        public Task WriteAsync(string service, string key, string type) =>
            ExecuteAsync("SELECT grain_state_write($1, 'state', $2, NULL, $3)", service, key, Payload("account", events: Event(key, type)));

        public async ValueTask DisposeAsync()
        {
            await Transaction.DisposeAsync();
            await Connection.DisposeAsync();
        }
    }
}
#endif
