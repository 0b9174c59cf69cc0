#if EMBEDDED
using System.Runtime.CompilerServices;
using Billing.Embedded.Engine;
using Billing.Embedded.Reminders;
using Billing.Embedded.Storage;
using Billing.Grains.Accounts;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Billing.Grains.Interfaces.Webhooks;
using Billing.Silo.Memory;
using Billing.Silo.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using Orleans.Storage;

namespace Billing.Silo;

/// <summary>The one-process engine under the grains.</summary>
internal static class EngineHosting
{
    /// <summary>What operators call it.</summary>
    public const string Name = "embedded";

    /// <summary>Whether the engine can do without a database.</summary>
    public const bool RunsOnMemory = true;

    /// <summary>Whether the engine is one process.</summary>
    public const bool IsOneProcess = true;

    /// <summary>Adds engine and storage on PostgreSQL.</summary>
    public static Task AddEngineAsync(this WebApplicationBuilder builder, BillingStore store, string serviceId, bool isRestored)
    {
        builder.Services.AddSingleton<IGrainStateStore>(new NpgsqlGrainStateStore(store.DataSource!, serviceId));
        builder.Services.AddHostedService(services => new DatabaseLock(
            store.ConnectionString!, DatabaseUse.Alone, services.GetRequiredService<IHostApplicationLifetime>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<DatabaseLock>>()));
        Add(builder);
        return Task.CompletedTask;
    }

    /// <summary>Adds engine and storage in memory, with the index and the log that go with it.</summary>
    public static void AddEngineOnMemory(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => new MemoryGrainStateStore(services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<IGrainStateStore>(services => services.GetRequiredService<MemoryGrainStateStore>());
        builder.Services.AddSingleton<IGrainIndex, MemoryGrainIndex>();
        builder.Services.AddSingleton<IEventLog, MemoryEventLogReader>();
        builder.Services.AddSingleton<IBacklog, MemoryBacklog>();
        builder.Services.AddSingleton<IDeliveryLog, MemoryDeliveryLog>();
        builder.Services.AddSingleton<ITestAccounts, MemoryTestAccounts>();
        Add(builder);
    }

    /// <summary>One process is no cluster.</summary>
    public static string? ClusterOf(IServiceProvider services) => null;

    /// <summary>There is no cluster of which a process could be a client.</summary>
    public static void AddEngineClient(this WebApplicationBuilder builder, BillingStore store, string serviceId) => throw new InvalidOperationException("The embedded engine is one process.");

    private static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new LocalAccounts());
        builder.Services.AddSingleton<IGates, LocalGates>();
        builder.Services.AddSingleton<IEngineStatus, InThisProcess>();
        builder.Services.AddSingleton<IClusterView, EmbeddedView>();
        builder.Services.AddSingleton<IGrainStorageSerializer, GrainSerializer>();
        builder.Services.AddSingleton<IStateReader, StoreReader>();
        builder.Services.AddSingleton<IReminderSeed, IndexSeed>();
        builder.Services.AddEmbeddedEngine(engine => engine.GrainAssemblies.Add(typeof(AccountGrain).Assembly));
    }

    private sealed class InThisProcess : IEngineStatus
    {
        public bool CanServe => true;

        public Task<string?> FindTroubleAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);
    }

    /// <summary>The one process, as a cluster of one.</summary>
    private sealed class EmbeddedView(EmbeddedEngine engine) : IClusterView
    {
        private static readonly Instant s_startedAt = Instant.FromDateTimeUtc(System.Diagnostics.Process.GetCurrentProcess().StartTime.ToUniversalTime());

        public Task<ClusterReading> ReadAsync(CancellationToken cancellationToken)
        {
            var counts = engine.CountActivations();
            return Task.FromResult(new ClusterReading(
                "embedded",
                [new SiloReading(Environment.MachineName, Address: null, "active", SiloNames.Version, s_startedAt, counts.Values.Sum())],
                [.. counts.Select(count => new ActivationCount(GrainNames.Of(count.Key.Name), count.Value)).OrderBy(count => count.Grain, StringComparer.Ordinal)],
                engine.ReminderCount));
        }
    }

    private sealed class StoreReader(IGrainStateStore store) : IStateReader
    {
        public async Task<ReadOnlyMemory<byte>?> ReadAsync(string stateName, string grainKey, CancellationToken cancellationToken) =>
            (await store.ReadAsync(stateName, grainKey, cancellationToken))?.Payload;
    }

    /// <summary>Deadlines of the index as reminders: a hint each, since the sweepers find whatever is missing here.</summary>
    private sealed class IndexSeed(IGrainIndex index) : IReminderSeed
    {
        /// <summary>The nearest deadlines that are kept in memory; later ones come by a grain's own timer or by a sweep.</summary>
        private const int Most = 100_000;

        public async IAsyncEnumerable<SeededReminder> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach (var entry in await index.RemindedAsync(Most, cancellationToken))
            {
                yield return new SeededReminder(entry.Kind, entry.Key, ReminderNames.Due, entry.Due!.Value.ToDateTimeOffset(), TimeSpan.FromHours(1));
            }
        }
    }
}
#endif
