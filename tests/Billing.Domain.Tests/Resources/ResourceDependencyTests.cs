using System.Collections.Immutable;

namespace Billing.Domain.Tests;

/// <summary>What depends on another stops before it and starts after it.</summary>
public sealed class ResourceDependencyTests
{
    [Fact]
    public void Stop_WaitsUntilWhatDependsOnItHasStopped()
    {
        var yard = new Yard().With("disk").Needing("db", "disk").Needing("web", "db").Needing("jobs", "db").Enter("suspended");
        Assert.Equal(["ordered web stop", "ordered jobs stop"], yard.Log);
        Assert.Equal(ResourceState.Running, yard["db"].State);
        Assert.Null(yard["db"].Order);

        yard.Obey("web");
        Assert.Equal(ResourceState.Running, yard["db"].State);
        yard.Obey("jobs");
        Assert.Equal((ResourceState.Stopping, ResourceState.Running), (yard["db"].State, yard["disk"].State));
        yard.Obey("db");
        Assert.Equal("ordered disk stop", yard.Log[^1]);
    }

    [Fact]
    public void Delete_WaitsUntilWhatDependsOnItIsGone()
    {
        var yard = new Yard().With("db").Needing("web", "db").Enter("suspended").Obey("web").Enter("deleted");
        Assert.Equal((ResourceState.Deleting, ResourceState.Stopping), (yard["web"].State, yard["db"].State));

        yard.Obey("db");
        Assert.Equal(ResourceState.Stopped, yard["db"].State);
        Assert.Equal(Problems.ResourceDeleted, Yard.Code(yard.PowerOn("db")));
        yard.Obey("web");
        Assert.Equal(ResourceState.Deleting, yard["db"].State);
        yard.Obey("db");
        Assert.Equal(ResourceState.Deleted, yard["db"].State);
    }

    [Fact]
    public void Delete_OfWhatHasOnlyStopped_HoldsTheNextBack()
    {
        var yard = new Yard().With("disk").Needing("db", "disk").Needing("web", "db").Enter("suspended").Obey("web", "db", "disk").Enter("deleted");
        Assert.Equal(["ordered web delete"], yard.Log.Where(line => line.EndsWith("delete", StringComparison.Ordinal)));

        yard.Obey("web");
        Assert.Equal((ResourceState.Deleting, ResourceState.Stopped), (yard["db"].State, yard["disk"].State));
    }

    [Fact]
    public void Good_WhileAnOrderWaits_NeverGivesIt()
    {
        var yard = new Yard().With("db").Needing("web", "db").Enter("suspended").Fall();
        Assert.Equal(["ordered web stop", "revoked web stop"], yard.Log);
        Assert.All(yard.State.Resources, resource => Assert.Equal((ResourceState.Running, null, null), (resource.State, resource.Order, resource.WaitingOrder)));
    }

    [Fact]
    public void Recovery_Automatic_TurnsOnDependenciesFirst()
    {
        var yard = new Yard(ResourceRecovery.Automatic).Needing("web", "db").With("disk").Needing("db", "disk").Enter("suspended").Obey("web", "db", "disk").Fall();
        Assert.Equal(["ordered disk start", "ordered db start", "ordered web start"], yard.Log[^3..]);
    }

    [Fact]
    public void PowerOn_OfADependent_KeepsWhatItNeedsRunning()
    {
        var yard = new Yard().With("db").Needing("web", "db").Enter("suspended");
        Assert.IsType<Done>(yard.PowerOn("web"));
        Assert.Equal(ResourceState.Running, yard["db"].State);

        Assert.IsType<Done>(yard.PowerOn("db"));
        Assert.Null(yard["db"].WaitingOrder);
    }

    [Theory]
    [InlineData("stops")]
    [InlineData("is gone")]
    [InlineData("needs it no more")]
    public void Stop_WhenADependentByItself_IsGiven(string what)
    {
        var yard = new Yard().With("db").Needing("web", "db").Enter("suspended");
        var reply = what switch
        {
            "stops" => yard.Put("web", ResourceState.Stopped),
            "is gone" => yard.Put("web", ResourceState.Deleted),
            _ => yard.Put("web", needs: []),
        };

        Assert.IsType<Done>(reply);
        Assert.Equal(ResourceState.Stopping, yard["db"].State);
    }

    [Fact]
    public void DependsOn_OneThatIsToCome_IsTaken()
    {
        var yard = new Yard().Needing("web", "db").Enter("suspended");
        Assert.Equal(ResourceState.Stopping, yard["web"].State);
        yard.With("db");
        Assert.Equal("db", Assert.Single(yard["web"].DependsOn));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("b", "a")]
    [InlineData("c", "a")]
    [InlineData("c", "new,b")]
    public void DependsOn_ACycle_IsRefused(string id, string needs)
    {
        var yard = new Yard().Needing("a", "b").Needing("b", "c");
        var refused = Assert.IsType<Refused>(yard.Put(id, needs: [.. needs.Split(',')]));
        Assert.Equal((Problems.InvalidRequest, "depends_on"), (refused.Code, Assert.Single(refused.Errors).Path));
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(11, false)]
    public void DependsOn_AtMost10(int count, bool isTaken) =>
        Assert.Equal(isTaken ? null : Problems.InvalidRequest, Yard.Code(new Yard().Put("vm", needs: [.. Enumerable.Range(0, count).Select(i => $"d{i}")])));

    [Fact]
    public void Order_OfManyResources_RespectsEveryDependency()
    {
        var random = new Random(7);
        var all = Enumerable.Range(0, 60).Select(i => new Resource { Id = $"r{i}", Kind = "vm", DependsOn = [.. Enumerable.Range(0, i).Where(_ => random.Next(8) == 0).Select(j => $"r{j}")] })
            .OrderBy(_ => random.Next()).ToImmutableArray();

        Assert.All(Pairs(all.DependenciesFirst()), pair => Assert.DoesNotContain(pair.Later.Id, pair.Earlier.DependsOn));
        Assert.All(Pairs(all.DependentsFirst()), pair => Assert.DoesNotContain(pair.Earlier.Id, pair.Later.DependsOn));
        Assert.Equal(60, all.DependentsFirst().Distinct().Count());
    }

    private static IEnumerable<(Resource Earlier, Resource Later)> Pairs(ImmutableArray<Resource> sorted) =>
        sorted.SelectMany((earlier, i) => sorted.Skip(i + 1).Select(later => (earlier, later)));
}
