using Billing.Grains.Tests.EngineContract.Grains;
using Orleans.Storage;

namespace Billing.Grains.Tests.EngineContract;

[Collection(EngineSuite.Name)]
public sealed class StateTests(EngineFixture engine)
{
    [Fact]
    public async Task MissingRow_IsTheEmptyState()
    {
        var view = await Grain("state/missing").View();

        Assert.Equal((0, false, null), (view.Total, view.RecordExists, view.Etag));
    }

    [Fact]
    public async Task Write_CountsTheVersionFromOne()
    {
        var grain = Grain("state/version");

        await grain.Add(3);
        await grain.Add(4);

        var view = await grain.View();
        Assert.Equal((7, true, "2"), (view.Total, view.RecordExists, view.Etag));
    }

    [Fact]
    public async Task IdleActivation_GoesAway_AndComesBackWithItsState()
    {
        var grain = Grain("state/idle");
        await grain.Add(5);
        var before = await grain.View();

        await engine.LetIdleAsync(grain);

        var after = await grain.View();
        Assert.NotEqual(before.Activation, after.Activation);
        Assert.Equal(before with { Activation = after.Activation }, after);
    }

    [Fact]
    public async Task FailedWrite_EndsTheActivation_AndTheNextCallSeesWhatIsStored()
    {
        var grain = Grain("state/failed");
        await grain.Add(5);
        var before = await grain.View();
        engine.Rows.FailNextWrite("state/failed", new IOException("The disk is full."));

        await Assert.ThrowsAsync<OrleansException>(() => grain.Add(2));

        var after = await grain.View();
        Assert.NotEqual(before.Activation, after.Activation);
        Assert.Equal(5, after.Total);
    }

    [Fact]
    public async Task VersionConflict_SurfacesAsItsType_AndTheNextCallWrites()
    {
        var grain = Grain("state/conflict");
        await grain.Add(5);
        engine.Rows.Touch(StoredGrain.StateName, "state/conflict");

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Add(2));

        Assert.Equal(7, await grain.Add(2));
    }

    [Fact]
    public async Task VersionConflict_ThatLeavesAGrain_EndsTheActivationByItself()
    {
        var grain = Grain("state/conflict-bare");
        await grain.AddBare(5);
        var before = await grain.View();
        engine.Rows.Touch(StoredGrain.StateName, "state/conflict-bare");

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.AddBare(2));

        var after = await grain.View();
        Assert.NotEqual(before.Activation, after.Activation);
        Assert.Equal(5, after.Total);
    }

    [Fact]
    public async Task FirstWrite_WhereARowAppeared_Conflicts()
    {
        var grain = Grain("state/first");
        await grain.View();
        engine.Rows.Write(StoredGrain.StateName, "state/first", """{"Total":40}"""u8.ToArray(), expected: null);

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Add(2));

        Assert.Equal(42, await grain.Add(2));
    }

    private IStoredGrain Grain(string key) => engine.Grains.GetGrain<IStoredGrain>(key);
}
