using Billing.Embedded.Reminders;
using Microsoft.Extensions.Hosting;

namespace Billing.Embedded.Engine;

/// <summary>The engine as a service of the host: started it collects idle activations and has its reminders, stopped it drains.</summary>
/// <remarks>Calls work before the start too. A service that must come first, such as the migrations, is registered before the engine.</remarks>
public sealed class EmbeddedEngine : IHostedService, IDisposable
{
    private readonly Catalog _catalog;
    private readonly GrainClasses _classes;
    private readonly IEnumerable<IReminderSeed> _seeds;
    private ITimer? _collector;

    internal EmbeddedEngine(Catalog catalog, GrainClasses classes, IEnumerable<IReminderSeed> seeds)
    {
        _catalog = catalog;
        _classes = classes;
        _seeds = seeds;
    }

    /// <summary>How many activations are in memory, those that are ending included.</summary>
    public int ActivationCount => _catalog.Count;

    /// <summary>How many activations there are of each grain class.</summary>
    public IReadOnlyDictionary<Type, int> CountActivations() => _catalog.CountByClass();

    /// <summary>How many reminders are set.</summary>
    public int ReminderCount => _catalog.Reminders.Count;

    /// <summary>How many times a grain has set one since the start, those that are gone included.</summary>
    public int RemindersRegistered => _catalog.Reminders.Registered;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var seed in _seeds)
        {
            await foreach (var reminder in seed.ReadAsync(cancellationToken))
            {
                _catalog.Reminders.Seed(new GrainAddress(_classes.Named(reminder.GrainType), reminder.Key), reminder);
            }
        }

        var every = _catalog.Options.CollectEvery;
        _collector = _catalog.Time.CreateTimer(_ => _ = _catalog.CollectAsync(_catalog.Options.IdleAfter), null, every, every);
        _catalog.Log.Started(ReminderCount);
    }

    /// <summary>Ends every activation that nobody called for this long and that does nothing, and returns when they are gone.</summary>
    public Task CollectIdleAsync(TimeSpan unusedFor) => _catalog.CollectAsync(unusedFor);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        await _catalog.DrainAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _collector?.Dispose();
        _catalog.Reminders.Dispose();
    }
}
