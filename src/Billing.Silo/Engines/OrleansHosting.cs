#if ORLEANS
using Billing.Grains.Hosting;
using Billing.Silo.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Billing.Silo;

/// <summary>Orleans under the grains, on the same tables.</summary>
internal static class EngineHosting
{
    /// <summary>Whether the engine can do without a database.</summary>
    public const bool RunsOnMemory = false;

    private const string Invariant = "Npgsql";

    /// <summary>Adds a silo with clustering, storage and reminders on PostgreSQL.</summary>
    public static void AddEngine(this WebApplicationBuilder builder, BillingStore store, string serviceId)
    {
        builder.Services.AddSingleton<IStateReader>(new RowReader(store.DataSource!, serviceId));
        builder.Services.AddWireJson();
        var cluster = builder.Configuration.GetSection("Billing:Cluster").Get<ClusterSettings>() ?? new ClusterSettings();
        var address = cluster.Address ?? (builder.Environment.IsDevelopment() ? "127.0.0.1" : null);
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (serviceId, serviceId));
            silo.ConfigureEndpoints(address, ClusterSettings.Resolve(cluster.SiloPort), ClusterSettings.Resolve(cluster.GatewayPort));
            // What these buy and cost is in docs/operations.md: a dead silo's accounts answer again after seconds, not minutes.
            silo.Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = TimeSpan.FromSeconds(1);
                options.MinProbeTimeout = TimeSpan.FromSeconds(1);
                options.MaxProbeTimeout = TimeSpan.FromSeconds(2);
                options.NumMissedProbesLimit = 3;
                options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
                options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
                options.MaxJoinAttemptTime = TimeSpan.FromSeconds(30);
            });
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(5));
            silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, store.ConnectionString!));
            silo.UseAdoNetReminderService(options => (options.Invariant, options.ConnectionString) = (Invariant, store.ConnectionString!));
            silo.AddAdoNetGrainStorage("billing", options =>
            {
                (options.Invariant, options.ConnectionString) = (Invariant, store.ConnectionString!);
                options.GrainStorageSerializer = new GrainSerializer();
            });
        });
    }

    private sealed class RowReader(NpgsqlDataSource database, string serviceId) : IStateReader
    {
        public async Task<ReadOnlyMemory<byte>?> ReadAsync(string stateName, string grainKey, CancellationToken cancellationToken)
        {
            await using var command = database.CreateCommand("select payload from grain_state where service_id = $1 and state_name = $2 and grain_key = $3");
            command.Parameters.AddWithValue(serviceId);
            command.Parameters.AddWithValue(stateName);
            command.Parameters.AddWithValue(grainKey);
            return await command.ExecuteScalarAsync(cancellationToken) is byte[] payload ? payload : null;
        }
    }
}
#endif
