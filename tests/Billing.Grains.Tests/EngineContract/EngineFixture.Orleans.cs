#if ORLEANS
using System.Globalization;
using Billing.Silo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Billing.Grains.Tests.EngineContract;

/// <summary>A cluster of one silo in this process, over the test's rows.</summary>
public sealed class EngineFixture : IEngineFixture, IAsyncLifetime
{
    private InProcessTestCluster? _cluster;

    public IGrainFactory Grains => _cluster!.Client;

    public Probe Probe { get; } = new();

    public TestRows Rows { get; } = new();

    public Task LetIdleAsync(IAddressable grain) => _cluster!.DeactivateAsync(grain);

    public async Task InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        // Whoever has the house's interfaces in his process needs what they carry, too.
        builder.ConfigureHost(host => host.Services.AddWireJson());
        builder.ConfigureSiloHost((_, host) => host.Services
            .AddSingleton(Probe)
            .AddGrainStorage("Default", (_, _) => new TestStorage(Rows, new JsonStateSerializer())));
        builder.ConfigureSilo((_, silo) => silo
            .UseInMemoryReminderService()
            .Configure<ReminderOptions>(options => options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(100)));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync() => await _cluster!.DisposeAsync();
}

/// <summary>The test's rows as a storage provider.</summary>
internal sealed class TestStorage(TestRows rows, IGrainStorageSerializer serializer) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var row = rows.Read(stateName, grainId.Key.ToString()!);
        grainState.State = row is { } stored ? serializer.Deserialize<T>(new BinaryData(stored.Payload)) : Activator.CreateInstance<T>();
        grainState.ETag = row?.Version.ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = row is not null;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        int? expected = grainState.ETag is { } version ? int.Parse(version, CultureInfo.InvariantCulture) : null;
        var written = rows.Write(stateName, grainId.Key.ToString()!, serializer.Serialize(grainState.State).ToArray(), expected);
        grainState.ETag = written.ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();
}
#endif
