using Billing.Grains.Tests.EngineContract.Grains;

namespace Billing.Grains.Tests.Embedded;

public sealed class ActivationTests
{
    [Fact]
    public async Task FailingActivation_FailsItsCallersWithItsException_AndTheNextCallTriesAgain()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IReluctantGrain>("a");

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(grain.Wake);
        await engine.Probe.Until("disposed");
        engine.Probe.Set("awake");

        await grain.Wake();
    }

    [Fact]
    public async Task IdleActivation_EndsByAge_AndOneInUseStays()
    {
        await using var engine = new TestEngine();
        await engine.Engine.StartAsync(default);
        var idle = engine.Grains.GetGrain<IPumpGrain>("idle");
        var used = engine.Grains.GetGrain<IPumpGrain>("used");
        await idle.Activation();
        var before = await used.Activation();

        engine.Time.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(before, await used.Activation());
        engine.Time.Advance(TimeSpan.FromMinutes(1));
        await engine.Probe.Until("idle:ended");

        Assert.Equal(before, await used.Activation());
        Assert.False(engine.Probe.IsSet("used:ending"));
    }

    [Fact]
    public async Task TooManyActivations_EndTheLeastRecentlyUsed()
    {
        await using var engine = new TestEngine(options => options.MaxActivations = 10);
        for (var i = 0; i < 10; i++)
        {
            await engine.Grains.GetGrain<IPumpGrain>($"{i}").Activation();
            engine.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await engine.Grains.GetGrain<IPumpGrain>("0").Activation();
        await engine.Grains.GetGrain<IPumpGrain>("10").Activation();
        await engine.Probe.Until("1:ended");

        Assert.DoesNotContain(Enumerable.Range(2, 9).Append(0), i => engine.Probe.IsSet($"{i}:ending"));
    }

    [Fact]
    public async Task TooManyActivations_ThatAreBusy_Stay()
    {
        await using var engine = new TestEngine(options => options.MaxActivations = 1);
        var busy = engine.Grains.GetGrain<IPumpGrain>("busy").Take("gate");
        await engine.Probe.Until("busy:taking");

        await engine.Grains.GetGrain<IPumpGrain>("other").Activation();
        await engine.Grains.GetGrain<IPumpGrain>("another").Activation();

        Assert.False(engine.Probe.IsSet("busy:ending"));
        engine.Probe.Set("gate");
        await busy;
    }

    [Fact]
    public async Task Stop_LetsRunningRequestsFinish_AndTakesNoMore()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IPumpGrain>("drain");
        var running = grain.Take("gate");
        await engine.Probe.Until("drain:taking");
        var waiting = grain.Take("gate");

        var stop = engine.Engine.StopAsync(default);
        Assert.False(stop.IsCompleted);
        engine.Probe.Set("gate");
        await stop;

        await running;
        await Assert.ThrowsAsync<SiloUnavailableException>(() => waiting);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Take("gate"));
        Assert.True(engine.Probe.IsSet("drain:ended"));
        Assert.Equal(0, engine.Engine.ActivationCount);
    }

    [Fact]
    public async Task Stop_LeavesAHangingRequest_AfterTheDrainTimeout()
    {
        await using var engine = new TestEngine();
        var hanging = engine.Grains.GetGrain<IPumpGrain>("hang").Take("gate");
        await engine.Probe.Until("hang:taking");

        var stop = engine.Engine.StopAsync(default);
        engine.Time.Advance(TimeSpan.FromSeconds(10));
        await stop.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(1, engine.Engine.ActivationCount);
        await Assert.ThrowsAsync<TimeoutException>(() => hanging);
        engine.Probe.Set("gate");
    }

    [Fact]
    public async Task TimedOutRequest_ThatHadNotStarted_NeverStarts()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ITurnGrain>("late");
        var hold = grain.Hold("gate");
        await engine.Probe.Until("gate:held");
        var pass = grain.Pass();

        engine.Time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(() => hold);
        await Assert.ThrowsAsync<TimeoutException>(() => pass);
        engine.Probe.Set("gate");
        await grain.Pass();

        Assert.Equal(["hold", "held", "pass"], await grain.Log());
    }

    [Fact]
    public async Task ConflictOfAnotherGrain_DoesNotEndTheCaller()
    {
        await using var engine = new TestEngine();
        var relay = engine.Grains.GetGrain<IRelayGrain>("relay");
        var before = await relay.Activation();
        await engine.Grains.GetGrain<IStoredGrain>("stored").Add(1);
        engine.Rows.Touch(StoredGrain.StateName, "stored");

        await Assert.ThrowsAsync<Orleans.Storage.InconsistentStateException>(() => relay.AddBare("stored"));

        Assert.Equal(before, await relay.Activation());
    }
}
