using Billing.Silo;
using Billing.Silo.Postgres;
using Billing.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Billing.Grains.Tests.Storage;

public sealed class DatabaseLockTests
{
    [PostgresFact]
    public async Task Start_OfASecondProcess_IsRefusedWhenPatienceEnds()
    {
        var database = await PostgresCluster.CreateEmptyDatabaseAsync("lock_refused");
        await using var first = New(database, TimeProvider.System, new Lifetime());
        await first.StartingAsync(default);
        await using var second = New(database, new HastyTime(), new Lifetime());
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => second.StartingAsync(default));
        Assert.Contains("Another embedded process", refused.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Start_OfASecondSilo_Succeeds()
    {
        var database = await PostgresCluster.CreateEmptyDatabaseAsync("lock_shared");
        await using var first = New(database, TimeProvider.System, new Lifetime(), DatabaseUse.WithOtherSilos);
        await first.StartingAsync(default);
        await using var second = New(database, new HastyTime(), new Lifetime(), DatabaseUse.WithOtherSilos);
        await second.StartingAsync(default);
    }

    [PostgresTheory]
    [InlineData(DatabaseUse.Alone, DatabaseUse.WithOtherSilos, "Another embedded process")]
    [InlineData(DatabaseUse.WithOtherSilos, DatabaseUse.Alone, "A cluster uses this database")]
    public async Task Start_OfTheOtherEngine_IsRefusedWhenPatienceEnds(DatabaseUse first, DatabaseUse second, string why)
    {
        var database = await PostgresCluster.CreateEmptyDatabaseAsync($"lock_{first}_first");
        await using var held = New(database, TimeProvider.System, new Lifetime(), first);
        await held.StartingAsync(default);
        await using var refused = New(database, new HastyTime(), new Lifetime(), second);
        var refusal = await Assert.ThrowsAsync<StartRefusedException>(() => refused.StartingAsync(default));
        Assert.StartsWith(why, refusal.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Lock_OfASilo_LostWithItsConnection_IsTakenAgain()
    {
        var database = await PostgresCluster.CreateEmptyDatabaseAsync("lock_regained");
        var lifetime = new Lifetime();
        await using var held = New(database, TimeProvider.System, lifetime, DatabaseUse.WithOtherSilos);
        await held.StartingAsync(default);
        await KillAsync(database);
        await using var other = New(database, new HastyTime(), new Lifetime());
        await held.Regained.WaitAsync(TimeSpan.FromSeconds(60));
        await Assert.ThrowsAsync<StartRefusedException>(() => other.StartingAsync(default));
        Assert.False(lifetime.Stopped.Task.IsCompleted);
    }

    [PostgresFact]
    public async Task Lock_OfASilo_TakenByAnEmbeddedProcess_StopsTheSilo()
    {
        var database = await PostgresCluster.CreateEmptyDatabaseAsync("lock_taken");
        var lifetime = new Lifetime();
        await using var held = New(database, TimeProvider.System, lifetime, DatabaseUse.WithOtherSilos);
        await held.StartingAsync(default);
        await using var quick = new NpgsqlConnection(database);
        await quick.OpenAsync();
        // The embedded process waits for the lock, so it is first in the queue when it falls.
        await using var wait = new NpgsqlCommand($"SELECT pg_advisory_lock({DatabaseLock.LockKey})", quick) { CommandTimeout = 60 };
        var taken = wait.ExecuteNonQueryAsync();
        await Eventually.UntilAsync(() => CountAsync(database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"), waiting => waiting > 0);
        await KillAsync(database);
        await taken;
        await lifetime.Stopped.Task;
        Environment.ExitCode = 0; // The loss sets it, for the process; this one goes on.
    }

    [PostgresFact]
    public async Task Start_AfterTheFirstHasStopped_Succeeds()
    {
        var database = await PostgresCluster.CreateEmptyDatabaseAsync("lock_free");
        await using var first = New(database, TimeProvider.System, new Lifetime());
        await first.StartingAsync(default);
        await first.StoppedAsync(default);
        await using var second = New(database, TimeProvider.System, new Lifetime());
        await second.StartingAsync(default);
    }

    [PostgresFact]
    public async Task Lock_LostWithItsConnection_StopsTheProcess()
    {
        var database = await PostgresCluster.CreateEmptyDatabaseAsync("lock_lost");
        var lifetime = new Lifetime();
        await using var held = New(database, TimeProvider.System, lifetime);
        await held.StartingAsync(default);
        await KillAsync(database);
        await lifetime.Stopped.Task;
        Environment.ExitCode = 0; // The loss sets it, for the process; this one goes on.
    }

    private static DatabaseLock New(string database, TimeProvider timeProvider, Lifetime lifetime, DatabaseUse use = DatabaseUse.Alone) =>
        new(database, use, lifetime, timeProvider, NullLogger<DatabaseLock>.Instance);

    private static async Task KillAsync(string database)
    {
        await using var other = NpgsqlDataSource.Create(database);
        await using var kill = other.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name IN ('billing embedded lock', 'billing silo lock') AND datname = current_database()");
        await kill.ExecuteNonQueryAsync();
    }

    private static async Task<long> CountAsync(string database, string count)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(count);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => Stopped.TrySetResult();
    }

    // Each look at the clock is a second later, and no wait waits.
    private sealed class HastyTime : TimeProvider
    {
        private long _seconds;

        public override long GetTimestamp() => Interlocked.Increment(ref _seconds) * TimestampFrequency;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
