using Billing.Domain;
using Billing.Embedded.Engine;
using Billing.Embedded.Storage;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Billing.Grains.Sweeping;
using Billing.Grains.Tests.EngineContract;
using Billing.Silo;
using Billing.Silo.Memory;
using Billing.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Orleans.Storage;

namespace Billing.Grains.Tests.Embedded;

/// <summary>Every silo casts the net; how fast it pokes is of the net, not of the silos.</summary>
public sealed class SweeperRateTests
{
    private const int PerSecond = 8;
    private static readonly string s_due = "2026-02-01T00:00:00Z";

    [Fact]
    public async Task Sweeps_OfManySilos_PokeNoFasterThanOnes()
    {
        var time = new ManualTime();
        var store = new MemoryGrainStateStore(time);
        for (var i = 0; i < 3 * PerSecond; i++) await store.WriteAsync("invoice", $"inv/{i}", System.Text.Encoding.UTF8.GetBytes($$"""{"kind":"invoice","due":"{{s_due}}"}"""), null);
        var index = new MemoryGrainIndex(store);
        await using var services = NewEngine(time, store, index);
        var sweeper = services.GetRequiredService<IGrainFactory>().GetGrain<ISweeperGrain>("sweep/0");

        for (var second = 1; second <= 3; second++)
        {
            for (var silo = 0; silo < 5; silo++) Assert.Equal(PerSecond, await sweeper.Sweep(new SweepCall(Duration.Zero)));
            var left = 3 * PerSecond - second * PerSecond;
            await Eventually.UntilAsync(() => index.OverdueAsync(Instant.FromUtc(2026, 3, 2, 0, 0), 100), overdue => overdue.Count == left);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(0, await sweeper.Sweep(new SweepCall(Duration.Zero)));
    }

    private static ServiceProvider NewEngine(ManualTime time, MemoryGrainStateStore store, IGrainIndex index) => new ServiceCollection()
        .AddSingleton<TimeProvider>(time)
        .AddSingleton<IGrainStateStore>(store)
        .AddSingleton<IGrainStorageSerializer, GrainSerializer>()
        .AddSingleton(index)
        .AddSingleton(new SweeperOptions { PerSecond = PerSecond, Shards = 1 })
        .AddSingleton(new GrainServices(time, new NoPolicies(), new CrashPoints(null), new NoReader(), new DeliveryOptions { WakeUps = false }, NullLoggerFactory.Instance))
        .AddEmbeddedEngine(options => options.GrainAssemblies.Add(typeof(SweeperGrain).Assembly))
        .BuildServiceProvider();

    private sealed class NoPolicies : IPolicyCatalog
    {
        public PolicyBook Book => PolicyBook.Empty;

        public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class NoReader : IStateReader
    {
        public Task<ReadOnlyMemory<byte>?> ReadAsync(string stateName, string grainKey, CancellationToken cancellationToken) => Task.FromResult<ReadOnlyMemory<byte>?>(null);
    }
}
