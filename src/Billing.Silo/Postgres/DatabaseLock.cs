using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Billing.Silo.Postgres;

/// <summary>Who may share a database.</summary>
public enum DatabaseUse
{
    /// <summary>This process alone: the embedded engine.</summary>
    Alone,

    /// <summary>Any number of silos, and no embedded engine.</summary>
    WithOtherSilos,
}

/// <summary>
/// Which engine works on a database. A process takes a session lock before anything else of the host starts and keeps it
/// until everything else has stopped: the embedded engine one that nobody shares, a silo one that silos share. So a second
/// embedded process is refused, and so are both engines at once, in either order.
/// </summary>
/// <remarks>
/// <para>Implementation note: the lock falls when the server notices that a killed process is gone, which takes a moment; so a
/// start waits up to <see cref="Patience"/> before it gives up. The connection is outside of the pool.</para>
/// <para>Lost with its connection, an embedded process stops at once, because another may begin. A silo takes it again: a
/// restart of the server must not end the whole cluster. It stops where an embedded process was quicker, or where the
/// server stays away for <see cref="Absence"/>.</para>
/// </remarks>
/// <param name="connectionString">The database.</param>
/// <param name="use">Who may share it.</param>
/// <param name="lifetime">Is asked to stop when the lock is lost.</param>
/// <param name="timeProvider">Real time.</param>
/// <param name="logger">Where a loss is told.</param>
public sealed partial class DatabaseLock(
    string connectionString, DatabaseUse use, IHostApplicationLifetime lifetime, TimeProvider timeProvider, ILogger<DatabaseLock> logger) : IHostedLifecycleService, IAsyncDisposable
{
    internal const long LockKey = 0x6269_6C6C_696E_6701;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly string _connectionString = new NpgsqlConnectionStringBuilder(connectionString)
    {
        Pooling = false,
        KeepAlive = 5,
        ApplicationName = use == DatabaseUse.Alone ? "billing embedded lock" : "billing silo lock",
    }.ConnectionString;

    private readonly CancellationTokenSource _stopping = new();
    private NpgsqlConnection? _connection;
    private readonly TaskCompletionSource _regained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _watch = Task.CompletedTask;

    /// <summary>For how long a start waits for another process's lock to fall.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(10);

    /// <summary>For how long a silo goes on without a server before it stops, to be started again by its supervisor.</summary>
    public static TimeSpan Absence { get; } = TimeSpan.FromMinutes(2);

    /// <summary>Ends when the lock was lost and taken again.</summary>
    internal Task Regained => _regained.Task;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="StartRefusedException">Another process has one that excludes it.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        _connection = new NpgsqlConnection(_connectionString);
        await _connection.OpenAsync(cancellationToken);
        var started = timeProvider.GetTimestamp();
        while (!await TryLockAsync(_connection, cancellationToken))
        {
            if (timeProvider.GetElapsedTime(started) >= Patience) throw new StartRefusedException(await ExplainAsync(_connection, cancellationToken));
            await Task.Delay(Pause, timeProvider, cancellationToken);
        }

        _watch = WatchAsync(_connection);
    }

    /// <summary>Lets the lock go.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watch;
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StoppedAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(use == DatabaseUse.Alone ? "SELECT pg_try_advisory_lock($1)" : "SELECT pg_try_advisory_lock_shared($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockKey });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<string> ExplainAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT bool_or(mode = 'ExclusiveLock') FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = $1
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockKey });
        return await command.ExecuteScalarAsync(cancellationToken) is false
            ? "A cluster uses this database, and the embedded engine needs it for itself. Stop every silo first, or start this process with -p:Engine=Orleans too."
            : "Another embedded process uses this database. Stop it first, or run a cluster (-p:Engine=Orleans) to have several.";
    }

    // Nothing ever notifies this connection, so the wait ends with the connection or with the process alone.
    private async Task WatchAsync(NpgsqlConnection connection)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                while (!_stopping.IsCancellationRequested) await connection.WaitAsync(_stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
            }
            catch (Exception lost)
            {
                if (use == DatabaseUse.WithOtherSilos && await RegainAsync(connection))
                {
                    LogRegained(logger);
                    _regained.TrySetResult();
                    continue;
                }

                if (_stopping.IsCancellationRequested) return;
                LogLost(logger, lost);
                Environment.ExitCode = 1;
                lifetime.StopApplication();
                return;
            }
        }
    }

    /// <summary>Connects and locks again; <see langword="false"/> where somebody else has the database by now, or there is none for too long.</summary>
    private async Task<bool> RegainAsync(NpgsqlConnection connection)
    {
        LogRegaining(logger);
        var since = timeProvider.GetTimestamp();
        while (timeProvider.GetElapsedTime(since) < Absence)
        {
            try
            {
                await connection.CloseAsync();
                await connection.OpenAsync(_stopping.Token);
                return await TryLockAsync(connection, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return false;
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException or InvalidOperationException or IOException or System.Net.Sockets.SocketException)
            {
                await Task.Delay(Pause, timeProvider, CancellationToken.None);
            }
        }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The lock of the database is lost; the process stops, because another engine may take over.")]
    private static partial void LogLost(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The lock of the database is taken again.")]
    private static partial void LogRegained(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection that holds the lock of the database is lost; the silo takes it again.")]
    private static partial void LogRegaining(ILogger logger);
}
