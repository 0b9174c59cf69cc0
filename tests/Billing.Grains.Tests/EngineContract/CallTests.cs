using Billing.Grains.Tests.EngineContract.Grains;

namespace Billing.Grains.Tests.EngineContract;

[Collection(EngineSuite.Name)]
public sealed class CallTests(EngineFixture engine)
{
    private IFailingGrain Grain => engine.Grains.GetGrain<IFailingGrain>("call");

    [Fact]
    public async Task Exception_CrossesTheCallWithItsTypeAndMessage()
    {
        var before = await Assert.ThrowsAsync<RefusedException>(() => Grain.FailBeforeItAwaits());
        var after = await Assert.ThrowsAsync<RefusedException>(() => Grain.FailAfterItAwaited());

        Assert.Equal(("before", "after"), (before.Message, after.Message));
    }

    [Fact]
    public async Task Exception_OfAValueTask_CrossesTheCall() =>
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Grain.FailWithoutATask());

    [Fact]
    public async Task Exception_CrossesTwoCalls() =>
        await Assert.ThrowsAsync<RefusedException>(() => Grain.PassOn("call/other"));

    [Fact]
    public async Task ValueTasks_AreAnswered()
    {
        await Grain.Nothing();

        Assert.Equal("haha", await Grain.Echo("ha", 2));
    }

    [Fact]
    public void References_ToOneGrain_AreEqual()
    {
        Assert.Equal(Grain, Grain);
        Assert.NotEqual(Grain, engine.Grains.GetGrain<IFailingGrain>("call/other"));
        Assert.Equal("call", Grain.GetPrimaryKeyString());
    }
}
