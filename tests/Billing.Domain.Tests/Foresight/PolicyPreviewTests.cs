using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Billing.Domain.Tests.Foresight;

/// <summary>What a policy would make of an account is what it makes of it when it is put in force and the episode is moved.</summary>
public sealed class PolicyPreviewTests
{
    private const string Other =
        """
        {"cycle": {"interval": "30d"}, "standings": [
          {"name": "a", "when": {"unpaid_for": "1d"}, "deny": ["purchase"], "message": "Pay.", "on_enter": ["power_down"]},
          {"name": "b", "when": {"in_standing": {"a": "3d"}}, "deny": ["purchase"], "message": "Pay."},
          {"name": "c", "when": {"in_standing": {"b": "4d"}}, "deny": ["purchase"], "message": "Pay.", "on_enter": ["delete_resources"],
           "requires_notice": [{"notice": "warning", "at": "-3d", "at_least": "48h"}]}]}
        """;

    [Fact]
    public void Preview_IsWhatHappensWhenTheEpisodeIsMoved() => Check.One(Properties.Of(200), Prop.ForAll(
        Gen.ListOf(Gen.Choose(0, 99_999)).ToArbitrary(), Gen.Choose(0, 1_000_000).ToArbitrary(), (history, seed) =>
        {
            var world = Past.Of([.. history], seed);
            var preview = PolicyPreview.Of(world.Account(), world.Policies, Some.Policy(Other), world.Now, steps: 3)!;
            Assert.Equal(world.Standing(), preview.Standing);

            world.Accept(world.PutPolicy(Other));
            if (world.View().Episode is not null) world.Accept(world.TellAccount(new MoveEpisode(world.Policies.InForce(Some.PolicyId), world.NextKey())));
            else world.AdvanceTo(world.Now);

            Assert.Equal(world.Standing(), preview.WouldBe);
            var step = preview.Next.FirstOrDefault(entry => entry is { Kind: "standing.changed", Rule: not null });
            if (step is null) return true;
            world.AdvanceTo(step.At - Days.Ms);
            Assert.NotEqual(step.Standing, world.Standing());
            world.AdvanceTo(step.At);
            Assert.Equal(step.Standing, world.Standing());
            return true;
        }));

    [Fact]
    public void Preview_OfNobody_IsNothing() => Assert.Null(PolicyPreview.Of(new AccountState(), Some.Book(Other), Some.Policy(Other), Days.Start, 5));

    [Fact]
    public void Preview_OfAnotherCurrency_SaysWhyNot()
    {
        var world = World.With(Other);
        var policy = JsonNode.Parse("""{"standings": [{"name": "a", "when": {"unpaid_balance": {"EUR": 5}}, "deny": ["purchase"], "message": "Pay."}]}""")!.ToJsonString();

        var preview = PolicyPreview.Of(world.Account(), world.Policies, Some.Policy(policy), world.Now, 5)!;

        Assert.Equal("The policy names no unpaid_balance in USD.", preview.Refusal);
        Assert.False(preview.Changes);
        Assert.Empty(preview.Next);
    }

    [Fact]
    public void Preview_OfAPolicyWithoutThePresentStanding_FindsTheValueOfItsOwn()
    {
        var world = World.With(Other).Issue("I1", 2000, Collection.Manual);
        world.Go("2d");

        var preview = PolicyPreview.Of(world.Account(), world.Policies, Some.Policy("""{"standings": [{"name": "z", "when": {"unpaid_for": "9d"}, "deny": ["purchase"], "message": "Pay."}]}"""), world.Now, 5)!;

        Assert.Equal(("a", "good", true), (preview.Standing, preview.WouldBe, preview.Changes));
        Assert.Equal(("z", Days.At("9d")), (preview.Next[0].Standing, preview.Next[0].At));
    }
}
