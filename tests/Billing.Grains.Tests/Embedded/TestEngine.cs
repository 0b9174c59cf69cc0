using Billing.Embedded.Engine;
using Billing.Embedded.Reminders;
using Billing.Embedded.Storage;
using Billing.Grains.Tests.EngineContract;
using Billing.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Billing.Grains.Tests.Embedded;

/// <summary>An embedded engine of one test, on a clock of its own.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public TestEngine(Action<EngineOptions>? configure = null, params SeededReminder[] seeds)
    {
        _services = new ServiceCollection()
            .AddSingleton(Probe)
            .AddSingleton<Func<string?>>(() => Ambient.Value)
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IGrainStateStore>(new TestStore(Rows))
            .AddSingleton<IGrainStorageSerializer, JsonStateSerializer>()
            .AddSingleton<IReminderSeed>(new Seed(seeds))
            .AddEmbeddedEngine(options =>
            {
                options.GrainAssemblies.Add(typeof(TestEngine).Assembly);
                configure?.Invoke(options);
            })
            .BuildServiceProvider();
    }

    public ManualTime Time { get; } = new();

    public Probe Probe { get; } = new();

    /// <summary>A value of the caller's execution context.</summary>
    public AsyncLocal<string?> Ambient { get; } = new();

    public TestRows Rows { get; } = new();

    public IGrainFactory Grains => _services.GetRequiredService<IGrainFactory>();

    public EmbeddedEngine Engine => _services.GetRequiredService<EmbeddedEngine>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class Seed(SeededReminder[] reminders) : IReminderSeed
    {
        public async IAsyncEnumerable<SeededReminder> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            foreach (var reminder in reminders) yield return reminder;
        }
    }
}
