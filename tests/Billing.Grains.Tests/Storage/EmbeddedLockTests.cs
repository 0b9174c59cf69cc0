#if EMBEDDED
using Billing.Embedded.Storage;
using Billing.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Billing.Grains.Tests.Storage;

public sealed class EmbeddedLockTests
{
    [PostgresFact]
    public async Task Start_OfASecondProcess_IsRefusedWhenPatienceEnds()
    {
        var database = await PostgresCluster.CreateEmptyDatabaseAsync("lock_refused");
        await using var first = New(database, TimeProvider.System, new Lifetime());
        await first.StartingAsync(default);
        await using var second = New(database, new HastyTime(), new Lifetime());
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => second.StartingAsync(default));
        Assert.Contains("Another embedded process", refused.Message, StringComparison.Ordinal);
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
        await using var other = NpgsqlDataSource.Create(database);
        await using var kill = other.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'billing embedded lock' AND datname = 'lock_lost'");
        await kill.ExecuteNonQueryAsync();
        await lifetime.Stopped.Task;
        Environment.ExitCode = 0; // The loss sets it, for the process; this one goes on.
    }

    private static EmbeddedLock New(string database, TimeProvider timeProvider, Lifetime lifetime) =>
        new(database, lifetime, timeProvider, NullLogger<EmbeddedLock>.Instance);

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
#endif
