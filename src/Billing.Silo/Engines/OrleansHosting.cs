#if ORLEANS
using System.Net;
using Billing.Grains.Accounts;
using Billing.Grains.Hosting;
using Billing.Silo.Desks;
using Billing.Silo.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Billing.Silo;

/// <summary>Orleans under the grains, on the same tables.</summary>
internal static class EngineHosting
{
    /// <summary>What operators call it.</summary>
    public const string Name = "orleans";

    /// <summary>Whether the engine can do without a database.</summary>
    public const bool RunsOnMemory = false;

    /// <summary>Whether the engine is one process.</summary>
    public const bool IsOneProcess = false;

    private const string Invariant = "Npgsql";

    /// <summary>Adds a silo with clustering, storage and reminders on PostgreSQL.</summary>
    public static async Task AddEngineAsync(this WebApplicationBuilder builder, BillingStore store, string serviceId, bool isRestored)
    {
        var cluster = ClusterSettings.Read(builder.Configuration);
        var name = await ClusterNames.GiveAsync(store.DataSource!, serviceId, cluster.ClusterId ?? serviceId, isRestored);
        var address = cluster.Address ?? (builder.Environment.IsDevelopment() ? "127.0.0.1" : null);
        var (siloPort, gatewayPort) = (ClusterSettings.Resolve(cluster.SiloPort), ClusterSettings.Resolve(cluster.GatewayPort));
        Ports.Check(address is null ? IPAddress.Any : await Ports.FindAsync(address), siloPort, gatewayPort);
        builder.Services.AddSingleton<IStateReader>(new RowReader(store.DataSource!, serviceId));
        builder.Services.AddSingleton<IEngineStatus, SiloEngine>();
        builder.Services.AddSingleton(services => new LocalAccounts(services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString()));
        builder.Services.AddSingleton<IGates, GateDesks>();
        builder.Services.AddPlacementDirector<AtItsSilo, AtItsSiloDirector>();
        builder.Services.AddSingleton<IClusterView>(services => new OrleansView(services.GetRequiredService<IGrainFactory>(), store.DataSource!, serviceId));
        builder.Services.AddWireJson();
        builder.Services.AddHostedService(services => new DatabaseLock(
            store.ConnectionString!, DatabaseUse.WithOtherSilos, services.GetRequiredService<IHostApplicationLifetime>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<DatabaseLock>>()));
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (serviceId, name));
            silo.Configure<SiloOptions>(options => options.SiloName = SiloNames.Write(Environment.MachineName, siloPort));
            silo.ConfigureEndpoints(address, siloPort, gatewayPort);
            silo.Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = cluster.ProbeTimeout;
                options.MinProbeTimeout = cluster.ProbeTimeout;
                options.MaxProbeTimeout = cluster.ProbeTimeout * 2;
                options.NumMissedProbesLimit = cluster.MissedProbes;
                options.TableRefreshTimeout = cluster.TableRefresh;
                options.IAmAliveTablePublishTimeout = cluster.AliveEvery;
                options.MaxJoinAttemptTime = cluster.JoinWithin;
            });
            silo.AddActivityPropagation();
#pragma warning disable ORLEANSEXP002 // Without it a silo that has come would only get what nobody has asked for lately.
            silo.AddActivationRebalancer();
#pragma warning restore ORLEANSEXP002
            silo.Configure<ActivationRebalancerOptions>(options => (options.RebalancerDueTime, options.SessionCyclePeriod) = (cluster.RebalanceEvery, cluster.RebalanceEvery));
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = cluster.ResponseTimeout);
            silo.UseAdoNetClustering(options => (options.Invariant, options.DataSource) = (Invariant, store.DataSource));
            silo.UseAdoNetReminderService(options => (options.Invariant, options.DataSource) = (Invariant, store.DataSource));
            silo.AddAdoNetGrainStorage("billing", options =>
            {
                (options.Invariant, options.DataSource) = (Invariant, store.DataSource);
                options.GrainStorageSerializer = new GrainSerializer();
            });
        });
    }

    /// <summary>The name of the cluster that the process is of.</summary>
    public static string? ClusterOf(IServiceProvider services) => services.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId;

    /// <summary>Adds a client of the silos, which keeps trying to find one from the start of the process to its end.</summary>
    public static void AddEngineClient(this WebApplicationBuilder builder, BillingStore store, string serviceId)
    {
        var cluster = ClusterSettings.Read(builder.Configuration);
        builder.Services.AddWireJson();
        builder.Services.AddSingleton(cluster);
        builder.Services.AddSingleton<ClusterClientEngine>();
        builder.Services.AddSingleton<IEngineStatus>(Engine);
        builder.Services.AddSingleton(new LocalAccounts());
        builder.Services.AddSingleton<IGates, GateDesks>();
        builder.Services.AddSingleton<IClusterView>(services => new OrleansView(services.GetRequiredService<IGrainFactory>(), store.DataSource!, serviceId));
        builder.Services.AddSingleton<IClientConnectionRetryFilter>(Engine);
        builder.Services.AddSingleton<ILifecycleParticipant<IClusterClientLifecycle>>(Engine);
        var configured = cluster.ClusterId ?? serviceId;
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (serviceId, configured));
            client.AddActivityPropagation();
            client.AddOutgoingGrainCallFilter<LeavingSilos>();
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = cluster.ResponseTimeout);
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = cluster.TableRefresh);
            client.Services.AddSingleton<IGatewayListProvider>(services => new ClusterGateways(
                store.DataSource!, serviceId, configured, services.GetRequiredService<IOptions<ClusterOptions>>(), services.GetRequiredService<IOptions<GatewayOptions>>()));
        });

        static ClusterClientEngine Engine(IServiceProvider provider) => provider.GetRequiredService<ClusterClientEngine>();
    }

    private sealed class SiloEngine(ISiloStatusOracle silo) : IEngineStatus
    {
        public bool CanServe => silo.CurrentStatus == SiloStatus.Active;

        public Task<string?> FindTroubleAsync(CancellationToken cancellationToken) => Task.FromResult(CanServe ? null : $"The silo is {silo.CurrentStatus}.");
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
