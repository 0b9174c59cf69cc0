using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>The sequence of values that the standing took, each with its effective instant, however late anybody looked.</summary>
public sealed class TimelineTests
{
    private static readonly string Steps = Some.Standings(
        """{"retry_after": ["5d"]}""",
        ("mild", """{"unpaid_for": "1d"}"""), ("same", """{"unpaid_for": "3d"}"""), ("worst", """{"any": [{"unpaid_for": "3d"}, {"unpaid_invoices": 3}]}"""));

    private static readonly string InStanding = Some.Standings(
        "{}", ("a", """{"unpaid_for": "1d"}"""), ("b", """{"unpaid_invoices": 2}"""), ("c", """{"in_standing": {"a": "10d"}}"""));

    [Theory]
    [InlineData("3d")]
    [InlineData("40d")]
    public void Late_DifferentInstants_EachIsEntered(string woken)
    {
        var world = Manual(Steps, "I1");
        world.SleepUntil(Days.At(woken));
        world.Happen();

        Assert.Equal([(Days.At("1d"), "mild"), (Days.At("3d"), "worst")], world.Timeline());
    }

    [Fact]
    public void SameInstant_OnlyTheMostSevereIsEnteredAndActedOn()
    {
        var world = Manual(Steps, "I1", "I2", "I3").Go("10d");

        Assert.Equal([(Days.Start, "worst")], world.Timeline());
        Assert.Equal(["mild", "same", "worst"], world.Account().Standing!.Entered.Select(entry => entry.Name));
        Assert.All(world.Account().Standing!.Entered, entry => Assert.Equal(Days.Start, entry.EffectiveAt));
    }

    [Theory]
    [InlineData("-1ms", "a")]
    [InlineData("0ms", "c")]
    [InlineData("30d", "c")]
    public void InStanding_FallenToTheMilder_CountsOnWithoutABreak(string late, string standing)
    {
        var world = Manual(InStanding, "I1").Go("3d").Issue("I2", 100, Collection.Manual, Days.At("3d")).Go("3d");
        Assert.Equal("b", world.Standing());
        world.Go("6d");
        world.Accept(world.PayWith("ok", "I2"));
        Assert.Equal("a", world.Standing());

        world.SleepUntil(Days.At("11d") + Days.Parse(late));
        Assert.Equal(standing, world.Standing());
    }

    [Fact]
    public void InStanding_GoodBetween_CountsAnew()
    {
        var world = Manual(InStanding, "I1").Go("6d");
        world.Accept(world.PayWith("ok", "I1"));
        world.Issue("I2", 100, Collection.Manual, Days.At("6d")).Go("60d");

        Assert.Equal([(Days.At("1d"), "a"), (Days.At("6d"), "good"), (Days.At("7d"), "a"), (Days.At("17d"), "c")], world.Timeline());
    }

    [Fact]
    public void InStanding_EnteredByAWorseOne_CountsForThosePassedOver()
    {
        var world = Manual(InStanding, "I1", "I2").Go("60d");

        Assert.Equal([(Days.Start, "b"), (Days.At("10d"), "c")], world.Timeline());
    }

    [Fact]
    public void Enter_EachTime_PromisesItsNotices()
    {
        const string Document = """
            {"standings": [
              {"name": "a", "when": {"unpaid_for": "1d"}, "on_enter": ["notice:a"]},
              {"name": "b", "when": {"unpaid_invoices": 2}, "on_enter": ["notice:b1", "notice:b2"]}]}
            """;
        var world = Manual(Document, "I1").Go("2d").Issue("I2", 1, Collection.Manual, Days.At("2d")).Go("3d");
        world.Accept(world.PayWith("ok", "I2"));
        world.Issue("I3", 1, Collection.Manual, Days.At("4d")).Go("5d");

        Assert.Equal(["a", "b1", "b2", "b1", "b2"], world.Events.Where(e => e.Type == "notice.sent").Select(e => e.Data["notice"]!.GetValue<string>()));
        Assert.Equal(5, world.Events.Count(e => e.Type == "notice.delivered"));
    }

    [Fact]
    public void Episode_ANewPolicyVersionMeanwhile_IsNotFollowedUntilItEnds()
    {
        var world = Manual(Steps, "I1").Go("2d");
        world.Policies = PolicyBook.Empty.With(Some.PolicyId, [Some.Policy(Steps), Some.Policy(InStanding)]);

        world.Go("4d");
        Assert.Equal("worst", world.Standing());
        world.Accept(world.PayWith("ok", "I1"));
        world.Issue("I2", 100, Collection.Manual, Days.At("4d")).Go("5d");
        Assert.Equal("a", world.Standing());
        Assert.Equal(2, world.Gate().Policy.Version);
    }

    [Fact]
    public void UnpaidSince_OnceSet_Stays()
    {
        var world = World.With(Steps).Method("card", "decline:x").Issue("I1", 100).Go("6d");

        Assert.Equal(Days.Start, world.Account().Invoices[0].UnpaidSince);
        Assert.Equal(Days.Start, world.Invoice("I1").UnpaidSince);
    }

    [Theory]
    [InlineData("-1ms", false)]
    [InlineData("0ms", true)]
    [InlineData("1ms", true)]
    public void Manual_AtItsDueTime_IsUnpaid(string late, bool isUnpaid)
    {
        var world = World.With(Steps).Issue("I1", 100, Collection.Manual, Days.At("7d"));
        world.SleepUntil(Days.At("7d") + Days.Parse(late));

        Assert.Equal(isUnpaid ? 100 : 0, world.View().AmountUnpaid.MinorUnits);
    }

    [Fact]
    public void Automatic_OurOwnLateness_NeverCounts()
    {
        var world = World.With(Steps.Replace("\"retry_after\"", "\"charge\": \"at_due\", \"due_after\": \"2d\", \"retry_after\"", StringComparison.Ordinal)).Method("card", "decline:x").Issue("I1", 100);
        world.SleepUntil(Days.At("20d"));
        Assert.Equal("good", world.Standing());

        world.Happen();
        Assert.Equal(Days.At("20d"), world.Account().Invoices[0].UnpaidSince);
        Assert.Empty(world.Timeline());
    }

    [Fact]
    public void Wake_WithNothingDue_ChangesNothing()
    {
        var world = Manual(Steps, "I1").Go("2d");
        var before = world.Account();

        world.SleepUntil(Days.At("2d12h"));
        world.TellAccount(new Wake());
        Assert.Same(before, world.Account());
    }

    private static World Manual(string document, params string[] invoices)
    {
        var world = World.With(document, clock: null);
        foreach (var invoice in invoices) world.Issue(invoice, 100, Collection.Manual, Days.Start);
        return world;
    }
}
