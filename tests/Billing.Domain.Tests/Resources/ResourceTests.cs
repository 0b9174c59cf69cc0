namespace Billing.Domain.Tests;

/// <summary>What callers say about their resources, and what becomes of it while orders are open.</summary>
public sealed class ResourceTests
{
    [Theory]
    [InlineData(null, ResourceState.Running)]
    [InlineData(ResourceState.Running, ResourceState.Running)]
    [InlineData(ResourceState.Stopped, ResourceState.Stopped)]
    [InlineData(ResourceState.Deleted, ResourceState.Deleted)]
    public void Put_New_IsAsItsSystemSays(ResourceState? said, ResourceState state)
    {
        var yard = new Yard();
        Assert.IsType<Done>(yard.Put("vm", said));
        Assert.Equal((state, "vm"), (yard["vm"].State, yard["vm"].Kind));
    }

    [Theory]
    [InlineData(ResourceState.Stopping, "vm", "state")]
    [InlineData(ResourceState.Deleting, "vm", "state")]
    [InlineData(null, null, "kind")]
    public void Put_WhatNobodyMaySay_IsRefused(ResourceState? said, string? kind, string path)
    {
        var refused = Assert.IsType<Refused>(new Yard().Put("vm", said, kind));
        Assert.Equal((Problems.InvalidRequest, path), (refused.Code, Assert.Single(refused.Errors).Path));
    }

    [Fact]
    public void Put_Again_ChangesNothing()
    {
        var yard = new Yard().Needing("vm", "disk");
        var before = yard.State;
        Assert.True(Assert.IsType<Done>(yard.Put("vm", ResourceState.Running, needs: ["disk"])).Replayed);
        Assert.True(Assert.IsType<Done>(yard.Put("vm", kind: null)).Replayed);
        Assert.Same(before, yard.State);

        Assert.IsType<Done>(yard.Put("vm", kind: "server", needs: []));
        Assert.Equal("server", yard["vm"].Kind);
        Assert.Empty(yard["vm"].DependsOn);
    }

    [Theory]
    [InlineData("running", ResourceState.Stopped, ResourceState.Stopped, "")]
    [InlineData("running", ResourceState.Deleted, ResourceState.Deleted, "lost")]
    [InlineData("stopping", ResourceState.Running, ResourceState.Stopping, "")]
    [InlineData("stopping", ResourceState.Stopped, ResourceState.Stopped, "acknowledged")]
    [InlineData("stopping", ResourceState.Deleted, ResourceState.Deleted, "lost")]
    [InlineData("stopped", ResourceState.Running, ResourceState.Running, "")]
    [InlineData("stopped", ResourceState.Deleted, ResourceState.Deleted, "lost")]
    [InlineData("deleting", ResourceState.Running, ResourceState.Deleting, "")]
    [InlineData("deleting", ResourceState.Stopped, ResourceState.Deleting, "")]
    [InlineData("deleting", ResourceState.Deleted, ResourceState.Deleted, "acknowledged")]
    public void Put_SaysOtherwise_AnOpenOrderStandsUntilItIsDone(string before, ResourceState said, ResourceState after, string recorded)
    {
        var yard = new Yard().With("vm");
        if (before != "running") yard.Enter("suspended");
        if (before == "stopped") yard.Obey("vm");
        if (before == "deleting") yard.Enter("deleted");
        yard.Events.Clear();

        Assert.IsType<Done>(yard.Put("vm", said));
        Assert.Equal(after, yard["vm"].State);
        Assert.Equal(recorded, string.Join(",", yard.Log.Select(line => line.Split(' ')[0])));
        Assert.Equal(after is ResourceState.Stopping or ResourceState.Deleting, yard["vm"].Order is not null);
    }

    [Fact]
    public void Put_SaysThatItHasDoneTheOrder_IsAnAcknowledgement()
    {
        var yard = new Yard(ResourceRecovery.Automatic).With("vm").Enter("suspended");
        yard.Put("vm", ResourceState.Stopped);
        Assert.True(Assert.IsType<Done>(yard.Acknowledge("vm", "acme~order~1")).Replayed);
        Assert.Equal(ResourceState.Running, yard.Fall()["vm"].State);
    }

    [Fact]
    public void Recovery_OfWhatSomebodyElseStopped_LeavesItAlone()
    {
        var yard = new Yard(ResourceRecovery.Automatic).With("vm").Enter("suspended").Obey("vm");
        yard.Put("vm", ResourceState.Running);
        yard.Put("vm", ResourceState.Stopped);
        Assert.Equal(ResourceState.Stopped, yard.Fall()["vm"].State);
    }

    [Theory]
    [InlineData(null, "vm", true)]
    [InlineData(ResourceState.Deleted, "vm", true)]
    [InlineData(ResourceState.Running, "vm", false)]
    [InlineData(ResourceState.Stopped, "vm", false)]
    [InlineData(ResourceState.Deleted, "other", false)]
    public void Put_Deleted_IsFinal(ResourceState? said, string kind, bool isSame)
    {
        var yard = new Yard().With("vm").Enter("deleted").Obey("vm").Fall();
        Assert.Equal(isSame ? null : Problems.ResourceDeleted, Yard.Code(yard.Put("vm", said, kind)));
        Assert.Equal(ResourceState.Deleted, yard["vm"].State);
    }

    [Fact]
    public void Put_OneMoreThan500_IsRefusedUnlessADeletedOneMakesRoom()
    {
        var yard = new Yard().With([.. Enumerable.Range(1, 500).Select(i => $"r{i}")]);
        Assert.Equal(Problems.TooMany, Yard.Code(yard.Put("r501")));
        Assert.IsType<Done>(yard.Put("r500", ResourceState.Stopped));

        yard.Put("r7", ResourceState.Deleted);
        Assert.IsType<Done>(yard.Put("r501"));
        Assert.Equal(500, yard.State.Resources.Length);
        Assert.Null(yard.State.Resources.Find("r7"));
        Assert.Equal(Problems.TooMany, Yard.Code(yard.Put("r7")));
    }
}
