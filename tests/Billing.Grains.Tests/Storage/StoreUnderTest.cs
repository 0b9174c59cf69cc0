#if EMBEDDED
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.Embedded.Storage;
using Billing.Grains.Interfaces.Index;
using Billing.Silo.Memory;
using Billing.Silo.Postgres;
using Billing.Testing;
using NodaTime;
using Npgsql;

namespace Billing.Grains.Tests.Storage;

/// <summary>A store with its readers, as the contract tests see it.</summary>
public sealed record StoreUnderTest(IGrainStateStore Store, IGrainIndex Index, IEventLog Events)
{
    public static StoreUnderTest Memory()
    {
        var store = new MemoryGrainStateStore(TimeProvider.System);
        return new StoreUnderTest(store, new MemoryGrainIndex(store), new MemoryEventLogReader(store));
    }

    /// <summary>The service's name keeps the tests of one database apart.</summary>
    public static StoreUnderTest Postgres(NpgsqlDataSource dataSource, string serviceId) => new(
        new NpgsqlGrainStateStore(dataSource, serviceId), new PostgresGrainIndex(dataSource, serviceId), new PostgresEventLog(dataSource, serviceId));

    public Task<int> WriteAsync(string key, int? expected, string kind = "account", string? due = null, string? pending = null, string? clock = null, object? summary = null, string? at = null, params JsonObject[] events) =>
        Store.WriteAsync("state", key, Payload(kind, due, pending, clock, summary, at, events), expected);

    public static byte[] Payload(string kind, string? due = null, string? pending = null, string? clock = null, object? summary = null, string? at = null, params JsonObject[] events) =>
        Encoding.UTF8.GetBytes(new JsonObject
        {
            ["kind"] = kind,
            ["at"] = at,
            ["due"] = due,
            ["pending_since"] = pending,
            ["clock"] = clock,
            ["summary"] = summary is null ? null : JsonSerializer.SerializeToNode(summary),
            ["events"] = new JsonArray([.. events]),
            ["state"] = new JsonObject { ["money"] = 1 },
        }.ToJsonString());

    public static JsonObject Event(string? account, string type, string at = "2026-03-06T00:00:00Z") => new()
    {
        ["account"] = account,
        ["type"] = type,
        ["occurred_at"] = at,
        ["effective_at"] = at,
        ["data"] = new JsonObject { ["a"] = 1 },
    };

    public static Instant At(string text) => NodaTime.Text.InstantPattern.ExtendedIso.Parse(text).Value;
}

/// <summary>The database of a test class.</summary>
public abstract class PostgresDatabase(string name) : IAsyncLifetime
{
    public NpgsqlDataSource DataSource { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (PostgresCluster.IsRequired || PostgresCluster.Missing is null)
            DataSource = NpgsqlDataSource.Create(await PostgresCluster.CreateDatabaseAsync(name));
    }

    public Task DisposeAsync() => DataSource is null ? Task.CompletedTask : DataSource.DisposeAsync().AsTask();
}
#endif
