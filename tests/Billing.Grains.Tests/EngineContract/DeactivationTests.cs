using Billing.Grains.Tests.EngineContract.Grains;

namespace Billing.Grains.Tests.EngineContract;

[Collection(EngineSuite.Name)]
public sealed class DeactivationTests(EngineFixture engine)
{
    private Probe Probe => engine.Probe;

    [Fact]
    public async Task Call_DuringDeactivation_ReachesTheNextActivation()
    {
        var grain = Grain("end/next");
        var before = await grain.Activation();
        await grain.End("end/next");
        await Probe.Until("end/next:ending");

        var interleaving = grain.Activation();
        var early = interleaving.IsCompleted;
        Probe.Set("end/next");

        Assert.False(early);
        Assert.NotEqual(before, await interleaving);
    }

    [Fact]
    public async Task Deactivation_WaitsForARunningRequest()
    {
        var grain = Grain("end/running");
        var before = await grain.Activation();
        Probe.Set("end/running:send");
        var running = grain.SendAndEnd("end/running/other", "end/running", "end/running:send", "end/running");
        await Probe.Until("end/running:sent");
        Assert.False(Probe.IsSet("end/running:ending"));
        Assert.Equal(before, await grain.Activation());

        Probe.Set("end/running");

        await running;
        await Probe.Until("end/running:ended");
        Assert.NotEqual(before, await grain.Activation());
    }

    [Fact]
    public async Task Pump_ThatWaitsForAHangingReceiver_HoldsUpNoDeactivation()
    {
        var grain = Grain("pump/one");
        var before = await grain.Activation();
        await grain.Send("pump/hanging", "pump/one:never");
        await Probe.Until("pump/hanging:taking");
        Probe.Set("pump/one");

        await grain.End("pump/one");

        Assert.NotEqual(before, await grain.Activation());
        Assert.False(Probe.IsSet("pump/hanging:taken"));
        Probe.Set("pump/one:never");
        await Probe.Until("pump/one:acknowledged");
    }

    [Fact]
    public async Task TwoPumps_ThatWaitForEachOther_HoldUpNoDeactivation()
    {
        var left = Grain("pump/left");
        var right = Grain("pump/right");
        var ends = Task.WhenAll(
            left.SendAndEnd("pump/right", "pump/both", "pump/send", "pump/go"),
            right.SendAndEnd("pump/left", "pump/both", "pump/send", "pump/go"));
        await Probe.Until("pump/left:here");
        await Probe.Until("pump/right:here");
        Probe.Set("pump/send");
        await Probe.Until("pump/left:sent");
        await Probe.Until("pump/right:sent");

        // Each now waits in the other's queue, behind the request that ends it.
        Probe.Set("pump/go");
        await ends;
        await Probe.Until("pump/left:ended");
        await Probe.Until("pump/right:ended");
        await Probe.Until("pump/left:taking");
        await Probe.Until("pump/right:taking");

        Probe.Set("pump/both");
        await Probe.Until("pump/left:acknowledged");
        await Probe.Until("pump/right:acknowledged");
    }

    private IPumpGrain Grain(string key) => engine.Grains.GetGrain<IPumpGrain>(key);
}
