using Orleans.Concurrency;

namespace Billing.Grains.Tests.EngineContract.Grains;

/// <summary>Timers and reminders by name; each sets <c>{key}:{name}:{n}</c> at its n-th tick.</summary>
[Alias("test.clockwork")]
public interface IClockworkGrain : IGrainWithStringKey, IRemindable
{
    [Alias("start-timer")]
    Task StartTimer(string name, bool interleave);

    [Alias("stop-timer")]
    Task StopTimer(string name);

    /// <summary>How often it ticked in this activation.</summary>
    [Alias("ticks")]
    [AlwaysInterleave]
    Task<int> Ticks(string name);

    /// <summary>Sets <c>{gate}:held</c>, awaits the gate.</summary>
    [Alias("hold")]
    Task Hold(string gate);

    [Alias("remind")]
    Task Remind(string name, TimeSpan dueTime, TimeSpan period);

    /// <summary>Cancels it.</summary>
    /// <returns>Whether there was one.</returns>
    [Alias("forget")]
    Task<bool> Forget(string name);
}

/// <inheritdoc/>
public sealed class ClockworkGrain(Probe probe) : Grain, IClockworkGrain
{
    private readonly Dictionary<string, IGrainTimer> _timers = [];
    private readonly Dictionary<string, int> _ticks = [];

    public Task StartTimer(string name, bool interleave)
    {
        var options = new GrainTimerCreationOptions(TimeSpan.Zero, TimeSpan.FromMilliseconds(1)) { Interleave = interleave };
        _timers[name] = this.RegisterGrainTimer((timer, _) => Tick(timer), name, options);
        return Task.CompletedTask;
    }

    public Task StopTimer(string name)
    {
        _timers[name].Dispose();
        return Task.CompletedTask;
    }

    public Task<int> Ticks(string name) => Task.FromResult(_ticks.GetValueOrDefault(name));

    public async Task Hold(string gate)
    {
        probe.Set($"{gate}:held");
        await probe.Until(gate);
    }

    public Task Remind(string name, TimeSpan dueTime, TimeSpan period) => this.RegisterOrUpdateReminder(name, dueTime, period);

    public async Task<bool> Forget(string name)
    {
        if (await this.GetReminder(name) is not { } reminder) return false;
        await this.UnregisterReminder(reminder);
        return true;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Tick(reminderName);

    private Task Tick(string name)
    {
        _ticks[name] = _ticks.GetValueOrDefault(name) + 1;
        probe.Set($"{this.GetPrimaryKeyString()}:{name}:{_ticks[name]}");
        return Task.CompletedTask;
    }
}
