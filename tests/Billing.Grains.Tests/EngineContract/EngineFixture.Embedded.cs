#if !ORLEANS
using Billing.Embedded.Engine;
using Billing.Embedded.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Billing.Grains.Tests.EngineContract;

/// <summary>The embedded engine in a host, over the test's rows.</summary>
public sealed class EngineFixture : IEngineFixture, IAsyncLifetime
{
    private IHost? _host;

    public IGrainFactory Grains => _host!.Services.GetRequiredService<IGrainFactory>();

    public Probe Probe { get; } = new();

    public TestRows Rows { get; } = new();

    public Task LetIdleAsync(IAddressable grain) => _host!.Services.GetRequiredService<EmbeddedEngine>().CollectIdleAsync(TimeSpan.Zero);

    public async Task InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services
            .AddSingleton(Probe)
            .AddSingleton<IGrainStateStore>(new TestStore(Rows))
            .AddSingleton<IGrainStorageSerializer, JsonStateSerializer>()
            .AddEmbeddedEngine(options =>
            {
                options.GrainAssemblies.Add(typeof(EngineFixture).Assembly);
                options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(100);
            });
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
    }
}

/// <summary>The test's rows as the engine's store. It answers later and on another thread, as a database does.</summary>
internal sealed class TestStore(TestRows rows) : IGrainStateStore
{
    public async Task<StoredRow?> ReadAsync(string stateName, string grainKey, CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return rows.Read(stateName, grainKey) is { } row ? new StoredRow(row.Payload, row.Version) : null;
    }

    public async Task<int> WriteAsync(
        string stateName, string grainKey, ReadOnlyMemory<byte> payload, int? expectedVersion, CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return rows.Write(stateName, grainKey, payload.ToArray(), expectedVersion);
    }
}
#endif
