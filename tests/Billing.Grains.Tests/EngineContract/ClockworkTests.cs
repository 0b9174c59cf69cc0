using Billing.Grains.Tests.EngineContract.Grains;

namespace Billing.Grains.Tests.EngineContract;

[Collection(EngineSuite.Name)]
public sealed class ClockworkTests(EngineFixture engine)
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private Probe Probe => engine.Probe;

    [Fact]
    public async Task Timer_TicksUntilItIsDisposed()
    {
        var grain = Grain("timer/stop");
        await grain.StartTimer("first", interleave: false);
        await Probe.Until("timer/stop:first:3");

        await grain.StopTimer("first");
        var ticks = await grain.Ticks("first");
        await grain.StartTimer("second", interleave: false);
        await Probe.Until("timer/stop:second:3");

        Assert.Equal(ticks, await grain.Ticks("first"));
    }

    [Fact]
    public async Task Timer_DuringARequest_TicksOnlyIfItInterleaves()
    {
        var grain = Grain("timer/interleave");
        await grain.StartTimer("ordinary", interleave: false);
        await grain.StartTimer("interleaving", interleave: true);
        var hold = grain.Hold("timer/interleave");
        await Probe.Until("timer/interleave:held");
        var ordinary = await grain.Ticks("ordinary");

        await Probe.Until($"timer/interleave:interleaving:{await grain.Ticks("interleaving") + 5}");
        var later = await grain.Ticks("ordinary");
        Probe.Set("timer/interleave");
        await hold;

        Assert.Equal(ordinary, later);
    }

    [Fact]
    public async Task Reminder_Ticks_AndTicksAgain()
    {
        await Grain("reminder/tick").Remind("dunning", s_second, s_second);

        await Probe.Until("reminder/tick:dunning:2");

        Assert.True(await Grain("reminder/tick").Forget("dunning"));
    }

    [Fact]
    public async Task Reminder_WakesAGrainThatIsGone()
    {
        var grain = Grain("reminder/gone");
        await grain.Remind("dunning", s_second, s_second);

        await engine.LetIdleAsync(grain);

        await Probe.Until("reminder/gone:dunning:1");
        await grain.Forget("dunning");
    }

    [Fact]
    public async Task CancelledReminder_NeverTicks()
    {
        var grain = Grain("reminder/cancel");
        await grain.Remind("cancelled", s_second, s_second);

        Assert.True(await grain.Forget("cancelled"));
        Assert.False(await grain.Forget("cancelled"));

        await grain.Remind("later", 1.5 * s_second, s_second);
        await Probe.Until("reminder/cancel:later:1");
        Assert.False(Probe.IsSet("reminder/cancel:cancelled:1"));
        await grain.Forget("later");
    }

    private IClockworkGrain Grain(string key) => engine.Grains.GetGrain<IClockworkGrain>(key);
}
