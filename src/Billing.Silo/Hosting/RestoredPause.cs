using System.Collections.Immutable;
using Billing.Domain;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Billing.Silo;

/// <summary>
/// Pauses collection in a restored database before anything of it moves. The backup does not know what was charged after
/// it was made: a rung that runs now could charge again what the gateway has already. So nothing is collected until the
/// books of every gateway have been pulled since the last pull that the backup knows, or an operator lets it go on.
/// </summary>
/// <remarks>
/// Implementation note: the rules decide and one write stores, as everywhere; only the grain is left out, because the first
/// grain that wakes could be one that charges. It runs before any service starts, and under the lock of the database.
/// </remarks>
/// <param name="database">The database.</param>
/// <param name="serviceId">Whose grains.</param>
/// <param name="gateways">The gateways whose books are pulled first.</param>
/// <param name="deletionLimit">The limit of the brake on deletions.</param>
/// <param name="time">Real time.</param>
/// <param name="logger">Where it is told.</param>
internal sealed partial class RestoredPause(NpgsqlDataSource database, string serviceId, ImmutableArray<string> gateways, int deletionLimit, TimeProvider time, ILogger<RestoredPause> logger) : IHostedLifecycleService
{
    /// <summary>The reason that is shown and kept.</summary>
    public const string Reason = "The database was restored from a backup (Billing:Restored). Collection goes on when the gateways' charges since then have been pulled.";

    private const string StateName = "brake";

    /// <inheritdoc />
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Another silo may be doing the same: of two writes one wins, and the other finds it done.
        while (!await TryPauseAsync(cancellationToken))
        {
        }

        LogPaused();
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> TryPauseAsync(CancellationToken cancellationToken)
    {
        var (stored, version) = await ReadAsync(cancellationToken);
        var now = Instant.Max(stored.At, time.GetInstant());
        var decision = BrakeRules.Decide(stored.State, new PauseUntilPulled(gateways, Reason), now, GrainKeys.Id(GrainKeys.Installation), deletionLimit);
        if (decision.ChangesNothing(stored.State)) return true;
        var next = stored with
        {
            Kind = "brake", At = now, Due = BrakeRules.Due(decision.State), Summary = BrakeRules.Summary(decision.State), Events = decision.Events, State = decision.State,
        };
        await using var command = database.CreateCommand("SELECT grain_state_write($1, $2, $3, $4, $5)");
        AddKey(command);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = (object?)version ?? DBNull.Value });
        command.Parameters.AddWithValue(StoredPayload.Write(next));
        return await command.ExecuteScalarAsync(cancellationToken) is int;
    }

    private async Task<(Stored<BrakeState> Stored, int? Version)> ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT payload, version FROM grain_state WHERE service_id = $1 AND state_name = $2 AND grain_key = $3");
        AddKey(command);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (StoredPayload.Read<Stored<BrakeState>>(reader.GetFieldValue<byte[]>(0))!, reader.GetInt32(1))
            : (new Stored<BrakeState>(), null);
    }

    private void AddKey(NpgsqlCommand command)
    {
        command.Parameters.AddWithValue(serviceId);
        command.Parameters.AddWithValue(StateName);
        command.Parameters.AddWithValue(GrainKeys.Installation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Billing:Restored is set: collection is paused until the gateways' books have been pulled, or PUT /v1/controls lets it go on. Take the setting away before the next start.")]
    private partial void LogPaused();
}
