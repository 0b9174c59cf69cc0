namespace Billing.Domain.Tests;

/// <summary>What a suspension powers down, a deletion deletes, and paying gives back.</summary>
public sealed class ResourceOrderTests
{
    [Fact]
    public void Enter_StandingThatPowersDown_OrdersWhatRuns()
    {
        var yard = new Yard().With("vm");
        yard.Put("off", ResourceState.Stopped);
        yard.Put("gone", ResourceState.Deleted);
        yard.Enter("past_due");
        Assert.Empty(yard.Log);

        yard.Enter("suspended");
        Assert.Equal(["ordered vm stop"], yard.Log);
        Assert.Equal(ResourceState.Stopping, yard["vm"].State);
        Assert.Equal(new ResourceOrder("acme~order~1", OrderAction.Stop, "suspended"), yard["vm"].Order);
        Assert.Equal(1, yard.State.OrdersNumbered);

        yard.Enter("suspended");
        Assert.Equal(["ordered vm stop"], yard.Log);
    }

    [Fact]
    public void Enter_StandingThatDeletes_OrdersAllThatIsNotDeleted()
    {
        var yard = new Yard().With("stopping", "stopped", "late");
        yard.Put("gone", ResourceState.Deleted);
        yard.Enter("suspended").Obey("stopped");
        Assert.IsType<Done>(yard.PowerOn("late"));
        yard.Enter("deleted");

        Assert.All(["stopping", "stopped", "late"], id => Assert.Equal(ResourceState.Deleting, yard[id].State));
        Assert.Null(yard["gone"].Order);
        Assert.Equal("acme~order~1", yard.Events.Last(e => e.Type == "resource.ordered" && e.Data["resource"]!.GetValue<string>() == "stopping").Data["replaces"]!.GetValue<string>());
        Assert.Equal(Problems.OrderRevoked, Yard.Code(yard.Acknowledge("stopping", "acme~order~1")));
        Assert.Equal(ResourceState.Deleting, yard["stopping"].State);
        Assert.DoesNotContain("lost stopping stop", yard.Log);
    }

    [Fact]
    public void Registered_WhileSuspended_GetsNoOrderUntilTheNextEntry()
    {
        var yard = new Yard().Enter("suspended").With("new");
        Assert.Equal(ResourceState.Running, yard["new"].State);
        Assert.Null(yard["new"].Order);

        yard.Enter("deleted");
        Assert.Equal(ResourceState.Deleting, yard["new"].State);
    }

    [Theory]
    [InlineData(ResourceRecovery.Manual, ResourceState.Running, ResourceState.Stopped)]
    [InlineData(ResourceRecovery.Automatic, ResourceState.Running, ResourceState.Running)]
    public void Good_AfterSuspension_RevokesWhatIsOpenAndRecoversAsThePolicySays(ResourceRecovery recovery, ResourceState open, ResourceState acknowledged)
    {
        var yard = new Yard(recovery).With("open", "done").Enter("suspended").Obey("done").Fall();

        Assert.Equal(open, yard["open"].State);
        Assert.Equal(acknowledged, yard["done"].State);
        Assert.Contains("revoked open stop", yard.Log);
        Assert.Equal(recovery == ResourceRecovery.Automatic, yard.Log.Contains("ordered done start"));
        Assert.Equal(Problems.OrderRevoked, Yard.Code(yard.Acknowledge("open", "acme~order~1")));
        Assert.Equal(ResourceState.Running, yard["open"].State);
        Assert.DoesNotContain(yard.Log, line => line.StartsWith("lost", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ResourceRecovery.Manual, ResourceState.Stopped)]
    [InlineData(ResourceRecovery.Automatic, ResourceState.Running)]
    public void Good_AfterDeletion_ReturnsWhatIsNotDeletedYet(ResourceRecovery recovery, ResourceState revoked)
    {
        var yard = new Yard(recovery).With("vm1", "vm2");
        yard.Put("off", ResourceState.Stopped);
        yard.Enter("suspended").Enter("deleted").Obey("vm1").Fall();

        Assert.Equal(ResourceState.Deleted, yard["vm1"].State);
        Assert.Equal(revoked, yard["vm2"].State);
        Assert.Equal(ResourceState.Stopped, yard["off"].State);
        Assert.Contains("revoked vm2 delete", yard.Log);
    }

    [Theory]
    [InlineData("suspended", ResourceState.Stopped)]
    [InlineData("past_due", ResourceState.Running)]
    [InlineData("good", ResourceState.Running)]
    public void Fall_FromDeletion_RecoversWhereTheStandingReachedDoesNotPowerDown(string reached, ResourceState state)
    {
        var yard = new Yard(ResourceRecovery.Automatic).With("vm").Enter("suspended").Enter("deleted").Fall(reached);
        Assert.Equal(state, yard["vm"].State);

        yard.Fall();
        Assert.Equal(ResourceState.Running, yard["vm"].State);
    }

    [Fact]
    public void Fall_ToTheStandingThatOrdered_KeepsItsOrders()
    {
        var yard = new Yard().With("vm").Enter("suspended").Fall("suspended");
        Assert.Equal(ResourceState.Stopping, yard["vm"].State);
        Assert.Equal(["ordered vm stop"], yard.Log);
    }

    [Fact]
    public void Manual_OnceGood_LeavesTheRestToThePerson()
    {
        var yard = new Yard().With("vm").Enter("suspended").Obey("vm").Fall();
        Assert.False(yard["vm"].StoppedByOrder);

        Assert.IsType<Done>(yard.PowerOn("vm"));
        Assert.Equal(ResourceState.Running, yard["vm"].State);
        Assert.Equal("ordered vm start", yard.Log[^1]);
    }

    [Fact]
    public void EnforcementOff_RevokesEverything()
    {
        var yard = new Yard(ResourceRecovery.Automatic).With("a", "b").Enter("suspended").Obey("a").Enter("deleted").Owe("10d", "deleted");
        Assert.IsType<Done>(yard.Tell(new PutControls(EnforcementOff: true, AutoPayOff: null)));

        Assert.All(yard.State.Resources, resource => Assert.Equal((ResourceState.Running, null), (resource.State, resource.Order)));
    }

    [Fact]
    public void Policy_ThatDoesNotKnowTheOrdersStanding_RevokesIt()
    {
        var yard = new Yard().With("vm").Enter("suspended");
        var other = yard.Policy with { Standings = [yard.Policy.Standings[0]] };
        yard.Do(draft =>
        {
            ResourceOrders.OnBetter(draft, other, 0, yard.Now);
            return new Done();
        });

        Assert.Equal(ResourceState.Running, yard["vm"].State);
    }

    [Fact]
    public void Acknowledge_Again_ChangesNothing()
    {
        var yard = new Yard().With("vm").Enter("suspended").Obey("vm");
        var before = yard.State;

        Assert.True(Assert.IsType<Done>(yard.Acknowledge("vm", "acme~order~1")).Replayed);
        Assert.Same(before, yard.State);
        Assert.Equal(["ordered vm stop", "acknowledged vm stop"], yard.Log);
    }

    [Theory]
    [InlineData("vm", "acme~order~2")]
    [InlineData("vm", "")]
    [InlineData("other", "acme~order~1")]
    public void Acknowledge_UnknownOrder_IsNotFound(string id, string order)
    {
        var yard = new Yard().With("vm").Enter("suspended");
        Assert.Equal(Problems.NotFound, Yard.Code(yard.Acknowledge(id, order)));
        Assert.Equal(ResourceState.Stopping, yard["vm"].State);
    }

    [Fact]
    public void Acknowledge_WithAKey_TakesEffectOnce()
    {
        var yard = new Yard().With("vm").Enter("suspended");
        Assert.False(Assert.IsType<Done>(yard.Acknowledge("vm", key: Some.Key("k"))).Replayed);
        yard.Fall();
        yard.PowerOn("vm");

        Assert.True(Assert.IsType<Done>(yard.Acknowledge("vm", "acme~order~1", Some.Key("k"))).Replayed);
        Assert.Equal(Problems.IdempotencyMismatch, Yard.Code(yard.Acknowledge("vm", "acme~order~1", Some.Key("k", "other"))));
        Assert.Equal(ResourceState.Running, yard["vm"].State);
    }

    [Fact]
    public void Acknowledge_RevokedDelete_IsALossOnce()
    {
        var yard = new Yard(ResourceRecovery.Automatic).With("vm").Enter("deleted").Fall();
        Assert.Equal(ResourceState.Running, yard["vm"].State);

        Assert.Equal(Problems.OrderRevoked, Yard.Code(yard.Acknowledge("vm", "acme~order~1")));
        Assert.Equal(Problems.OrderRevoked, Yard.Code(yard.Acknowledge("vm", "acme~order~1")));
        Assert.Equal(["ordered vm delete", "revoked vm delete", "ordered vm start", "lost vm delete"], yard.Log);
        Assert.Equal(ResourceState.Deleted, yard["vm"].State);
        Assert.Equal(Problems.ResourceDeleted, Yard.Code(yard.PowerOn("vm")));
        Assert.Equal(("resource_lost", "vm"), (Assert.Single(yard.State.Attention).Kind, yard.State.Attention[0].Subject));
    }

    [Fact]
    public void PowerOn_WhatRuns_ChangesNothing()
    {
        var yard = new Yard().With("vm");
        var before = yard.State;
        Assert.IsType<Done>(yard.PowerOn("vm"));
        Assert.Same(before, yard.State);
        Assert.Equal(Problems.NotFound, Yard.Code(yard.PowerOn("other")));
    }

    [Fact]
    public void PowerOn_AgainstAStopOrder_RevokesIt()
    {
        var yard = new Yard().With("vm").Enter("suspended");
        Assert.IsType<Done>(yard.PowerOn("vm"));
        Assert.Equal(ResourceState.Running, yard["vm"].State);
        Assert.Equal(["ordered vm stop", "revoked vm stop"], yard.Log);
        Assert.Equal(Problems.OrderRevoked, Yard.Code(yard.Acknowledge("vm", "acme~order~1")));
    }

    [Fact]
    public void PowerOn_AgainstADeletion_IsRefused()
    {
        var yard = new Yard().With("vm").Enter("deleted");
        Assert.Equal(Problems.ResourceDeleted, Yard.Code(yard.PowerOn("vm")));
        yard.Obey("vm").Fall();
        Assert.Equal(Problems.ResourceDeleted, Yard.Code(yard.PowerOn("vm")));
        Assert.Equal(ResourceState.Deleted, yard["vm"].State);
    }

    [Fact]
    public void PowerOn_DeniedByTheStanding_TellsTheGatesMessage()
    {
        var yard = new Yard(deniesPowerOn: true).With("vm").Enter("suspended").Obey("vm").Owe("5d", "suspended");
        var refused = Assert.IsType<Refused>(yard.PowerOn("vm"));
        Assert.Equal((Problems.OperationDenied, "Pay first.", "suspended"), (refused.Code, refused.Detail, refused.Standing));
        Assert.NotNull(refused.AmountToClear);
        Assert.Equal(ResourceState.Stopped, yard["vm"].State);
    }

    [Fact]
    public void PowerOn_DeniedByAHold_ComesBeforeWhatItsOrdersSay()
    {
        var yard = new Yard().With("vm").Enter("deleted");
        yard.Do(draft => Holds.Put(draft, new PutHold(HoldCategory.Fraud, ["*"], "Under review.")));
        var refused = Assert.IsType<Refused>(yard.PowerOn("vm"));
        Assert.Equal((Problems.OperationDenied, "Under review."), (refused.Code, refused.Detail));
    }
}
