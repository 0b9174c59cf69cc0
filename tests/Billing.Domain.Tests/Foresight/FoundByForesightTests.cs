namespace Billing.Domain.Tests.Foresight;

/// <summary>Faults that came to light when what was foretold did not happen, or the books did not sum up.</summary>
public sealed class FoundByForesightTests
{
    /// <summary>A reader that finds a renewal due and not yet recorded must still take the steps after it.</summary>
    [Fact]
    public void Gate_WhileARenewalIsLate_StillTakesTheStepsAfterIt()
    {
        var world = World.With("""{"cycle": {"interval": "30d", "while_unpaid": "skip"}, "standings": [{"name": "late", "when": {"unpaid_for": "40d"}, "deny": ["purchase"], "message": "Pay."}]}""", clock: null).Method("card", "ok");
        world.Accept(world.TellAccount(new PutSubscription("S", "plan", Some.Dollars(500), null)));
        world.AdvanceTo(world.Now);
        world.Issue("I1", 2000, Collection.Manual);
        world.AdvanceTo(Days.At("1d"));
        world.SleepUntil(Days.At("41d"));
        Assert.Equal("late", world.Standing());
    }

    [Fact]
    public void Next_WhenARenewalComesBefore_IsStillTheNextStep()
    {
        var world = World.With("""{"cycle": {"interval": "30d"}, "standings": [{"name": "late", "when": {"unpaid_for": "40d"}, "deny": ["purchase"], "message": "Pay."}]}""", clock: null).Method("card", "ok");
        world.Accept(world.TellAccount(new PutSubscription("S", "plan", Some.Dollars(500), null)));
        world.AdvanceTo(world.Now);
        world.Issue("I1", 2000, Collection.Manual);
        world.AdvanceTo(Days.At("1d"));
        Assert.Equal(new StandingStep("late", Days.At("40d")), world.View().Next);
    }

    /// <summary>What a cancellation gives back can pay another invoice down below the minimum; then that is not unpaid any more.</summary>
    [Fact]
    public void Cancellation_ThatPaysAnotherDownBelowTheMinimum_EndsTheEpisode()
    {
        var world = World.With("""{"collection": {"due_after": "0d", "minimum": {"USD": 100}}, "invoice": {"cancel_after": "10d"}, "standings": [{"name": "late", "when": {"unpaid_for": "0d"}, "deny": ["purchase"], "message": "Pay."}]}""", clock: null);
        world.Issue("I1", 500, Collection.Manual);
        world.AdvanceTo(Days.At("1d"));
        world.Issue("I2", 240, Collection.Manual);
        world.Receive("w", 200, "I1");
        world.SleepUntil(Days.At("10d"));
        Assert.Equal(Some.Dollars(40), world.View().AmountDue);
        Assert.Equal("good", world.Standing());
        Assert.Null(world.View().Episode);
    }

    /// <summary>Books: what a cancellation takes off must be posted.</summary>
    [Fact]
    public void Cancellation_IsPosted()
    {
        var world = World.With("""{"invoice": {"cancel_after": "1d"}, "standings": []}""", clock: null);
        world.Issue("I1", 500, Collection.Manual);
        world.Go("2d");
        var sum = world.Events.Where(e => e.Data["postings"] is not null).SelectMany(e => e.Data["postings"]!.AsArray())
            .Where(posting => posting!["account"]!.GetValue<string>() == "receivable").Sum(posting => posting!["amount"]!.GetValue<long>());
        Assert.Equal(world.View().AmountDue.MinorUnits, sum);
    }

    /// <summary>The aging report reads currency and test from an invoice's summary.</summary>
    [Fact]
    public void Summary_HasWhatAgingReads()
    {
        var world = World.With("""{"standings": []}""").Issue("I1", 500, Collection.Manual);
        var summary = InvoiceRules.Summary(world.Invoice("I1"));
        Assert.Equal("USD", summary["currency"]?.GetValue<string>());
        Assert.True(summary["test"]?.GetValue<bool>());
    }

    /// <summary>An episode moved to a policy without the present standing.</summary>
    [Fact]
    public void Move_ToAPolicyWithoutThePresentStanding_GivesTheValueOfItsOwn()
    {
        var world = World.With("""{"standings": [{"name": "a", "when": {"unpaid_for": "1d"}, "deny": ["purchase"], "message": "Pay."}]}""").Issue("I1", 2000, Collection.Manual);
        world.Go("2d");
        world.Accept(world.PutPolicy("""{"standings": [{"name": "z", "when": {"unpaid_for": "9d"}, "deny": ["purchase"], "message": "Pay."}]}"""));
        world.Accept(world.TellAccount(new MoveEpisode(world.Policies.InForce(Some.PolicyId), world.NextKey())));
        Assert.Equal("good", world.Standing());
        world.Go("9d");
        Assert.Equal("z", world.Standing());
    }
}
