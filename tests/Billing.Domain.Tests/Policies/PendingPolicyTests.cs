namespace Billing.Domain.Tests;

/// <summary>What comes during an episode waits for its end, and can be read meanwhile.</summary>
public sealed class PendingPolicyTests
{
    private static readonly string Late = Some.Standings("{}", ("late", """{"unpaid_for": "0d"}"""));
    private static readonly string Later = Some.Standings("{}", ("late", """{"unpaid_for": "1d"}"""));

    [Fact]
    public void Version_PutDuringAnEpisode_IsPendingUntilItEnds()
    {
        var world = World.With(Late).Issue("I", 100, Collection.Manual, Days.At("1d"));
        Assert.Null(world.View().PolicyPending);

        world.Go("2d");
        Assert.Null(world.View().PolicyPending);
        world.Accept(world.PutPolicy(Later));
        Assert.Equal((new PolicyRef(Some.PolicyId, 1), new PolicyRef(Some.PolicyId, 2)), (world.View().Policy, world.View().PolicyPending));

        world.Accept(world.PayWith("ok", "I"));
        Assert.Equal((new PolicyRef(Some.PolicyId, 2), null), (world.View().Policy, world.View().PolicyPending));
    }
}
