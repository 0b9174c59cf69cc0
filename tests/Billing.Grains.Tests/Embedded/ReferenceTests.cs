using Billing.Grains.Tests.EngineContract;
using Billing.Grains.Tests.EngineContract.Grains;

namespace Billing.Grains.Tests.Embedded;

public sealed class ReferenceTests
{
    [Fact]
    public async Task InterfaceWithoutAClass_IsRefused()
    {
        await using var engine = new TestEngine();

        Assert.Throws<ArgumentException>(() => engine.Grains.GetGrain<IHomelessGrain>("a"));
    }

    [Fact]
    public async Task InterfaceOfTwoClasses_NeedsThePrefixOfOne()
    {
        await using var engine = new TestEngine();

        Assert.Throws<ArgumentException>(() => engine.Grains.GetGrain<ITwinGrain>("a"));

        Assert.Equal("second", await engine.Grains.GetGrain<ITwinGrain>("a", typeof(SecondTwinGrain).FullName).Name());
    }

    [Fact]
    public async Task GrainType_IsTheAttributesNameOrTheClassName()
    {
        await using var engine = new TestEngine();

        Assert.Equal("twins.first/a", engine.Grains.GetGrain<ITwinGrain>("a", typeof(FirstTwinGrain).FullName).ToString());
        Assert.Equal("secondtwin/a", engine.Grains.GetGrain<ITwinGrain>("a", typeof(SecondTwinGrain).FullName).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task EmptyKey_IsRefused(string key)
    {
        await using var engine = new TestEngine();

        Assert.Throws<ArgumentException>(() => engine.Grains.GetGrain<ITurnGrain>(key));
    }

    [Fact]
    public async Task MethodThatReturnsNoTask_IsRefused()
    {
        await using var engine = new TestEngine();

        Assert.Throws<NotSupportedException>(() => engine.Grains.GetGrain<IUntaskedGrain>("a").Answer());
    }

    [Fact]
    public void GrainMadeOutsideTheEngine_HasNoContext()
    {
        var grain = new TurnGrain(new Probe());

        Assert.Null(grain.GrainContext);
        Assert.Throws<ArgumentException>(() => grain.GetPrimaryKeyString());
    }

    [Fact]
    public async Task CallersContext_FlowsIntoTheGrain_NotIntoItsActivation()
    {
        await using var engine = new TestEngine();
        var ambient = engine.Ambient;
        ambient.Value = "caller";

        var (activation, call) = await engine.Grains.GetGrain<IAmbientGrain>("a").Read();

        Assert.Equal((null, "caller"), (activation, call));
    }
}
