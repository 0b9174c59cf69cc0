using Billing.Grains.Tests.EngineContract.Grains;

namespace Billing.Grains.Tests.EngineContract;

[Collection(EngineSuite.Name)]
public sealed class TurnTests(EngineFixture engine)
{
    private Probe Probe => engine.Probe;

    [Fact]
    public async Task Turns_OfOneActivation_NeverOverlap()
    {
        var grain = engine.Grains.GetGrain<ITurnGrain>("turns/overlap");

        var overlaps = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.Overlaps(100)));

        Assert.Equal(0, overlaps.Sum());
    }

    [Fact]
    public async Task Turns_OfManyThreadsShortQuestions_NeverOverlap()
    {
        var grain = engine.Grains.GetGrain<ITurnGrain>("turns/questions");

        var overlaps = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var sum = 0;
            for (var question = 0; question < 200; question++) sum += await grain.Overlaps(turns: question % 3);
            return sum;
        })));

        Assert.Equal(0, overlaps.Sum());
    }

    [Fact]
    public async Task Request_WhileAnotherAwaits_Waits()
    {
        var grain = engine.Grains.GetGrain<ITurnGrain>("turns/wait");
        var hold = grain.Hold("turns/wait");
        await Probe.Until("turns/wait:held");

        var pass = grain.Pass();
        await grain.Log();
        var early = pass.IsCompleted;
        Probe.Set("turns/wait");
        await Task.WhenAll(hold, pass);

        Assert.False(early);
        Assert.Equal(["hold", "held", "pass"], await grain.Log());
    }

    [Fact]
    public async Task InterleavingRequest_WhileAnotherAwaits_IsAnswered()
    {
        var grain = engine.Grains.GetGrain<ITurnGrain>("turns/interleave");
        var hold = grain.Hold("turns/interleave");
        await Probe.Until("turns/interleave:held");

        Assert.Equal(["hold"], await grain.Log());

        Probe.Set("turns/interleave");
        await hold;
    }

    [Fact]
    public async Task CallToItself_IsARequestOfItsOwn()
    {
        var grain = engine.Grains.GetGrain<ITurnGrain>("turns/self");

        await grain.CallSelf();
        await grain.Pass();

        Assert.Equal(["call", "called", "pass", "pass"], await grain.Log());
    }

    [Fact]
    public async Task Await_InAGrain_ResumesOnItsScheduler() =>
        Assert.True(await engine.Grains.GetGrain<ITurnGrain>("turns/scheduler").StaysOnItsScheduler());

    [Fact]
    public async Task ResponseTimeout_FailsTheCaller_AndTheCallRunsOn()
    {
        var grain = engine.Grains.GetGrain<ITurnGrain>("turns/timeout");

        await Assert.ThrowsAsync<TimeoutException>(() => grain.HoldBriefly("turns/timeout"));

        Probe.Set("turns/timeout");
        await Probe.Until("turns/timeout:done");
    }
}
