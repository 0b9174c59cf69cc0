using System.Collections.Concurrent;
using Billing.Embedded.Engine;
using Orleans;
using Orleans.Runtime;

namespace Billing.Embedded.Reminders;

/// <summary>The reminders of the process. They wake grains and mean nothing else: what is due, a grain derives from its facts.</summary>
internal sealed class ReminderService(Catalog catalog) : IDisposable
{
    private readonly ConcurrentDictionary<(GrainAddress Grain, string Name), Reminder> _reminders = new();
    private readonly SemaphoreSlim _ticks = new(catalog.Options.ReminderConcurrency);

    private int _registered;

    public int Count => _reminders.Count;

    public int Registered => Volatile.Read(ref _registered);

    private TimeProvider Time => catalog.Time;

    public IGrainReminder Register(IGrainContext context, string name, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < catalog.Options.MinimumReminderPeriod)
            throw new ArgumentException($"Reminder {name} has a period of {period}, less than {catalog.Options.MinimumReminderPeriod}.", nameof(period));
        var activation = (Activation)context;
        if (activation.Grain is not IRemindable)
            throw new InvalidOperationException($"{activation.Address} is not {nameof(IRemindable)}.");

        var reminder = new Reminder(this, activation.Address, name, catalog.Time.GetUtcNow() + dueTime, period);
        _reminders.AddOrUpdate((activation.Address, name), reminder, (_, former) =>
        {
            former.Dispose();
            return reminder;
        });
        Interlocked.Increment(ref _registered);
        reminder.Start();
        return reminder;
    }

    public IGrainReminder? Find(IGrainContext context, string name) => _reminders.GetValueOrDefault((((Activation)context).Address, name));

    public void Unregister(IGrainReminder reminder)
    {
        var known = (Reminder)reminder;
        known.Dispose();
        _reminders.TryRemove(KeyValuePair.Create((known.Grain, known.ReminderName), known));
    }

    public void Seed(GrainAddress grain, SeededReminder seed)
    {
        if (seed.Period <= TimeSpan.Zero) throw new ArgumentException($"Reminder {seed.Name} of {grain} has no period.", nameof(seed));
        var reminder = new Reminder(this, grain, seed.Name, seed.DueAt, seed.Period);
        if (_reminders.TryAdd((grain, seed.Name), reminder)) reminder.Start();
    }

    public void Dispose()
    {
        foreach (var reminder in _reminders.Values) reminder.Dispose();
    }

    private async Task TickAsync(Reminder reminder, TickStatus status)
    {
        await _ticks.WaitAsync();
        try
        {
            if (!reminder.IsDisposed)
                await ((IRemindable)GrainProxy.Create(catalog, reminder.Grain, typeof(IRemindable))).ReceiveReminder(reminder.ReminderName, status);
        }
        catch (Exception exception)
        {
            catalog.Log.ReminderFailed(exception, reminder.ReminderName, reminder.Grain);
        }
        finally
        {
            _ticks.Release();
        }
    }

    private sealed class Reminder(ReminderService service, GrainAddress grain, string name, DateTimeOffset firstDueAt, TimeSpan period) : IGrainReminder, IDisposable
    {
        /// <summary>A timer cannot wait for more than 49 days; a longer wait is made of shorter ones.</summary>
        private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

        private readonly Lock _lock = new();
        private readonly TimeProvider _time = service.Time;
        private DateTimeOffset _dueAt = firstDueAt;
        private ITimer? _timer;

        private DateTimeOffset FirstDueAt { get; } = firstDueAt;

        public GrainAddress Grain { get; } = grain;

        public string ReminderName { get; } = name;

        public bool IsDisposed { get; private set; }

        public void Start()
        {
            lock (_lock)
            {
                if (IsDisposed) return;
                using (ExecutionContext.SuppressFlow())
                {
                    _timer = _time.CreateTimer(static reminder => _ = ((Reminder)reminder!).OnTimerAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                }
            }

            Wait();
        }

        public void Dispose()
        {
            lock (_lock)
            {
                IsDisposed = true;
                _timer?.Dispose();
            }
        }

        private async Task OnTimerAsync()
        {
            var now = _time.GetUtcNow();
            if (now >= _dueAt)
            {
                await service.TickAsync(this, new TickStatus(FirstDueAt.UtcDateTime, period, now.UtcDateTime));

                // The next due time still to come: what was missed meanwhile is not made up for.
                var late = _time.GetUtcNow() - _dueAt;
                _dueAt += period * (Math.Floor(late / period) + 1);
            }

            Wait();
        }

        private void Wait()
        {
            lock (_lock)
            {
                if (IsDisposed) return;
                var wait = _dueAt - _time.GetUtcNow();
                _timer!.Change(TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, s_longestWait.Ticks)), Timeout.InfiniteTimeSpan);
            }
        }
    }
}
