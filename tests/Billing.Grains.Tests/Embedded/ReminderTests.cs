using Billing.Embedded.Reminders;
using Billing.Grains.Tests.EngineContract.Grains;
using Billing.Testing;

namespace Billing.Grains.Tests.Embedded;

public sealed class ReminderTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private static readonly DateTimeOffset s_start = new ManualTime().Start;

    [Fact]
    public async Task MissedTicks_AreNotReplayed()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IClockworkGrain>("a");
        await grain.Remind("r", s_hour, s_hour);

        engine.Time.Jump(5.5 * s_hour);
        await engine.Probe.Until("a:r:1");
        await engine.Time.ScheduledAsync(6 * s_hour);
        engine.Time.Advance(0.5 * s_hour);
        await engine.Probe.Until("a:r:2");

        await engine.Time.ScheduledAsync(7 * s_hour);
        Assert.Equal(2, await grain.Ticks("r"));
    }

    [Fact]
    public async Task ReminderFarAway_IsWaitedForInSteps()
    {
        await using var engine = new TestEngine();
        await engine.Grains.GetGrain<IClockworkGrain>("a").Remind("r", TimeSpan.FromDays(90), s_hour);

        engine.Time.Advance(TimeSpan.FromDays(89.5));
        await engine.Time.ScheduledAsync(TimeSpan.FromDays(90));
        Assert.False(engine.Probe.IsSet("a:r:1"));
        engine.Time.Advance(TimeSpan.FromDays(0.5));

        await engine.Probe.Until("a:r:1");
    }

    [Fact]
    public async Task SeededReminders_TickWhenDue_OrAtOnceWherePast()
    {
        await using var engine = new TestEngine(
            null,
            new SeededReminder("clockwork", "past", "r", s_start - s_hour, s_hour),
            new SeededReminder("clockwork", "future", "r", s_start + (2 * s_hour), s_hour));

        await engine.Engine.StartAsync(default);
        await engine.Probe.Until("past:r:1");
        await engine.Time.ScheduledAsync(s_hour);
        Assert.False(engine.Probe.IsSet("future:r:1"));
        engine.Time.Advance(2 * s_hour);

        await engine.Probe.Until("future:r:1");
        Assert.Equal(2, engine.Engine.ReminderCount);
    }

    [Fact]
    public async Task RegisteringAgain_ReplacesTheReminder()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IClockworkGrain>("a");
        await grain.Remind("r", s_hour, s_hour);

        await grain.Remind("r", 3 * s_hour, s_hour);
        await grain.Remind("marker", 2 * s_hour, s_hour);
        engine.Time.Advance(2 * s_hour);
        await engine.Probe.Until("a:marker:1");

        Assert.Equal(0, await grain.Ticks("r"));
        Assert.Equal(2, engine.Engine.ReminderCount);
    }

    [Fact]
    public async Task ShortPeriodOrNegativeDueTime_IsRefused()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IClockworkGrain>("a");

        await Assert.ThrowsAsync<ArgumentException>(() => grain.Remind("r", s_hour, TimeSpan.FromSeconds(59)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => grain.Remind("r", -s_hour, s_hour));
    }
}
