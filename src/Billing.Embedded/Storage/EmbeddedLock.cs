using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Billing.Embedded.Storage;

/// <summary>
/// One embedded process on one database. It takes a session lock before anything else of the host starts and keeps it
/// until everything else has stopped; a second process is refused. Lost with its connection, the process stops, because
/// another one may begin.
/// </summary>
/// <remarks>
/// Implementation note: the lock falls when the server notices that a killed process is gone, which takes a moment; so a
/// restart waits up to <see cref="Patience"/> before it gives up. The connection is outside of the pool.
/// </remarks>
/// <param name="connectionString">The database.</param>
/// <param name="lifetime">Is asked to stop when the lock is lost.</param>
/// <param name="timeProvider">Real time.</param>
/// <param name="logger">Where a loss is told.</param>
public sealed partial class EmbeddedLock(
    string connectionString, IHostApplicationLifetime lifetime, TimeProvider timeProvider, ILogger<EmbeddedLock> logger) : IHostedLifecycleService, IAsyncDisposable
{
    private const long LockKey = 0x6269_6C6C_696E_6701;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stopping = new();
    private NpgsqlConnection? _connection;
    private Task _watch = Task.CompletedTask;

    /// <summary>For how long a start waits for another process's lock to fall.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Takes the lock.</summary>
    /// <exception cref="InvalidOperationException">Another process has it.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            KeepAlive = 5,
            ApplicationName = "billing embedded lock",
        };
        _connection = new NpgsqlConnection(settings.ConnectionString);
        await _connection.OpenAsync(cancellationToken);
        var started = timeProvider.GetTimestamp();
        while (!await TryLockAsync(_connection, cancellationToken))
        {
            if (timeProvider.GetElapsedTime(started) >= Patience)
            {
                throw new InvalidOperationException(
                    "Another embedded process uses this database. Stop it first, or run a cluster (-p:Engine=Orleans) to have several.");
            }
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

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockKey });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    // Nothing ever notifies this connection, so the wait ends with the connection or with the process alone.
    private async Task WatchAsync(NpgsqlConnection connection)
    {
        try
        {
            while (!_stopping.IsCancellationRequested)
                await connection.WaitAsync(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            LockLost(logger, e);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "The connection that holds the lock of the database is lost; the process stops, because another may take over")]
    private static partial void LockLost(ILogger logger, Exception exception);
}
