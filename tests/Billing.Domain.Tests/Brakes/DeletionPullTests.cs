using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>A lost webhook must not delete anybody: a step that deletes waits for a pull of the account's gateways that began after its instant.</summary>
public sealed class DeletionPullTests
{
    private static readonly string Deletes =
        """
        {"cycle": {"interval": "16d", "while_unpaid": "renew"}, "standings": [
            {"name": "suspended", "when": {"unpaid_for": "2d"}, "deny": ["purchase"], "message": "Pay first."},
            {"name": "deleted", "when": {"in_standing": {"suspended": "14d"}}, "on_enter": ["delete_resources"], "deny": ["purchase"], "message": "Pay first."}
        ]}
        """;

    [Theory]
    [InlineData("16d-1ms", false)]
    [InlineData("16d", false)]
    [InlineData("16d+1ms", true)]
    public void Step_APullThatBeganAfterItsInstant_Counts(string begun, bool counts)
    {
        var world = Begin().Go("16d");
        Assert.Equal("suspended", world.Standing());

        Pulled(world, "sandbox", begun, "16d5m");
        world.Go("20d");

        Assert.Equal(counts ? (Days.At("16d5m"), "deleted") : (Days.At("2d"), "suspended"), world.Timeline()[^1]);
    }

    [Theory]
    [InlineData("16d5m-1ms", "suspended")]
    [InlineData("16d5m", "deleted")]
    [InlineData("16d5m+1ms", "deleted")]
    public void Step_TakesEffectWhenThePullHasEnded(string at, string standing)
    {
        var world = Begin(test: true).Go("16d");
        Know(world, new Pull("sandbox", Days.At("16d1m"), Days.At("16d5m")));

        world.SleepUntil(Days.At(at));

        Assert.Equal(standing, world.Standing());
    }

    [Fact]
    public void Step_ThePullFindsThePayment_IsNotTaken()
    {
        var world = Begin().Go("16d");
        Assert.NotNull(world.Account().PullAwaited);

        world.Go("16d1m");
        world.Accept(world.Receive("ch-lost", 100));
        Pulled(world, "sandbox", "16d30s", "16d5m");
        world.Go("60d");

        Assert.Equal((Days.At("16d1m"), "good"), world.Timeline()[^1]);
        Assert.Null(world.Account().PullAwaited);
        Assert.DoesNotContain(world.Timeline(), step => step.Standing == "deleted");
    }

    [Fact]
    public void Step_OfAnAccountWithTwoGateways_WaitsForBoth()
    {
        var world = Begin();
        world.Accept(world.TellAccount(new PutPaymentMethod(new PaymentMethod { Id = "other", Gateway = "stripe", Token = "pm" }, MakeDefault: false)));
        world.Go("16d");

        Pulled(world, "sandbox", "16d1m", "16d2m");
        var summary = AccountRules.Summary(world.Account(), world.Policies);
        world.Go("18d");
        Assert.Equal("suspended", world.Standing());
        Assert.Equal(("stripe", Days.At("16d").ToUnixTimeMilliseconds()), ((string)summary[AccountRules.WaitsForPull]!, (long)summary[AccountRules.WaitsForPullAfter]!));

        // The other's pull is two days old by now: it may have anything on its books since.
        Pulled(world, "stripe", "18d1m", "18d2m");
        Assert.Equal("suspended", world.Standing());
        Pulled(world, "sandbox", "18d3m", "18d4m");
        Assert.Equal((Days.At("18d4m"), "deleted"), world.Timeline()[^1]);
    }

    [Fact]
    public void Step_AMethodThatWasRemoved_IsStillWaitedFor()
    {
        var world = Begin();
        world.Accept(world.TellAccount(new RemovePaymentMethod("card")));

        world.Go("20d");

        Assert.Equal("suspended", world.Standing());
    }

    [Fact]
    public void Step_AOneOffOfAnotherGateway_IsWaitedFor()
    {
        var world = World.With(Deletes, clock: null);
        world.Issue("I1", 100, Collection.Manual);
        world.PayWith(["decline:x"], new MethodCandidate(null, "sandbox", "", MethodKind.Card), "I1");
        Know(world);

        world.Go("20d");

        Assert.Equal("sandbox", Assert.Single(world.Account().Gateways));
        Assert.Equal("suspended", world.Standing());
    }

    [Theory]
    [InlineData(false, "deleted")]
    [InlineData(true, "suspended")]
    public void Step_MoneyThatAGatewayToldOf_IsWaitedForWhereItCanBePulled(bool isPulled, string standing)
    {
        var world = World.With(Deletes, clock: null);
        world.Issue("I1", 100, Collection.Manual);
        world.Tell(GrainKeys.Payment(Ids.Received(Some.Account, "ch")), new RecordReceived { Account = Some.Account, Amount = Some.Dollars(10), Reference = "ch", Gateway = "paddle" });
        Know(world, isPulled ? [new Pull("paddle", Days.At("1d"), Days.At("1d"))] : []);

        world.Go("20d");

        Assert.Equal(standing, world.Standing());
    }

    [Fact]
    public void Step_OfAnAccountThatNoGatewayKnows_WaitsForNothing()
    {
        var world = World.With(Deletes, clock: null);
        Know(world);

        world.Issue("I1", 100, Collection.Manual).Go("20d");

        Assert.Equal((Days.At("16d"), "deleted"), world.Timeline()[^1]);
    }

    [Fact]
    public void Step_OnATestClock_WaitsForNothing()
    {
        var world = World.With(Deletes);
        Know(world);

        world.Method("card", "decline:x").Issue("I1", 100).Go("20d");

        Assert.Equal((Days.At("16d"), "deleted"), world.Timeline()[^1]);
    }

    [Fact]
    public void Step_SomethingElseKeepsItBackMeanwhile_TheWaitBeginsAnew()
    {
        var world = Begin().Go("16d1m");
        world.Accept(world.TellAccount(new PutHold(HoldCategory.Legal, ["purchase"], "case")));
        Assert.Null(world.Account().PullAwaited);
        Pulled(world, "sandbox", "16d2m", "16d3m");
        world.Go("20d");

        world.Accept(world.TellAccount(new ReleaseHold(HoldCategory.Legal)));

        Assert.Equal(Days.At("20d"), world.Account().PullAwaited!.Since);
        Assert.Equal("suspended", world.Standing());
        Pulled(world, "sandbox", "20d+1ms", "20d1m");
        Assert.Equal((Days.At("20d1m"), "deleted"), world.Timeline()[^1]);
    }

    [Fact]
    public void Step_TheBrakeIsAskedWhenThePullHasEnded()
    {
        var world = Begin().Go("17d");
        Assert.Empty(world.Brake(GrainKeys.DeletionBrake).Permits);

        Pulled(world, "sandbox", "16d1m", "17d");

        Assert.Equal(Days.At("17d"), Assert.Single(world.Brake(GrainKeys.DeletionBrake).Permits));
        Assert.Equal((Days.At("17d"), "deleted"), world.Timeline()[^1]);
    }

    [Theory]
    [InlineData("16d10m")]
    [InlineData("17d")]
    [InlineData("46d")]
    public void Step_FoundLate_IsThatOfWhoeverWasAwake(string wake)
    {
        Pull[] pulls = [.. Enumerable.Range(-2, 20).Select(n => new Pull("sandbox", Days.At("16d") + Duration.FromMinutes(15 * n + 1), Days.At("16d") + Duration.FromMinutes(15 * n + 4)))];
        var late = Begin(test: true).Go("15d");
        Know(late, pulls);

        late.SleepUntil(Days.At(wake));
        Assert.Equal("deleted", late.Standing());
        late.Happen();

        Assert.Equal((Days.At("16d4m"), "deleted"), late.Timeline()[^1]);
    }

    [Fact]
    public void Renewal_OfTheInstantOfAStepThatWaits_WaitsForTheStep()
    {
        var deleted = BeginSubscribed().Go("16d");
        var paid = BeginSubscribed().Go("16d");
        Assert.Equal(2, Invoices(deleted));

        Pulled(deleted, "sandbox", "16d1m", "16d5m");
        paid.Go("16d1m");
        paid.Accept(paid.PayWith("ok", "I1"));

        Assert.Equal((Days.At("16d5m"), "deleted"), deleted.Timeline()[^1]);
        Assert.Equal(2, Invoices(deleted));
        Assert.Equal("good", paid.Standing());
        Assert.Equal(3, Invoices(paid));

        static World BeginSubscribed()
        {
            var world = World.With(Deletes, clock: null).Method("card", "ok", "decline:x", "ok");
            world.Accept(world.TellAccount(new PutSubscription("S", "plan", Some.Dollars(500), null)));
            Know(world);
            return world.Issue("I1", 100);
        }

        static int Invoices(World world) => world.Events.Count(e => e.Type == "invoice.issued");
    }

    [Fact]
    public void Foresight_TellsTheDeletionAndWhatItWaitsFor()
    {
        var world = Begin().Go("3d");
        Assert.Equal(new StandingStep("deleted", Days.At("16d")), world.View().Next);
        Assert.Contains(Forecast.Of(world.Account(), world.Policies, world.Now)!.Entries, entry => entry.Standing == "deleted" && entry.At == Days.At("16d"));
        Assert.Empty(Waits());

        world.Go("16d1h");
        Assert.Equal(new StandingStep("deleted", Days.At("16d1h")), world.View().Next);
        Assert.Equal(new HeldOff("pull", "sandbox", Days.At("16d"), null), Assert.Single(Waits()));
        Assert.Contains(Explaining.Of(world.Account(), world.Policies, world.Now)!.Sentences, sentence => sentence.StartsWith("The step to deleted waits until the books of sandbox, as they are after 2026-03-17", StringComparison.Ordinal));

        ImmutableArray<HeldOff> Waits() => Explaining.Of(world.Account(), world.Policies, world.Now)!.Standings.Single(item => item.Standing == "deleted").Waits;
    }

    private static World Begin(bool test = false)
    {
        var world = new World(Some.Book(Deletes), Days.Start);
        var profile = Some.Profile();
        world.Accept(world.TellAccount(new PutAccount(profile.Given.Add("test"), profile.Fields with { Test = test })));
        Know(world);
        return world.Method("card", "decline:x").Issue("I1", 100);
    }

    /// <summary>The installation knows these pulls; nobody is told.</summary>
    private static void Know(World world, params Pull[] pulls) => world.Policies = world.Policies.With(new Pulls([.. pulls]));

    /// <summary>A pull has ended, and then the sweepers find who waited.</summary>
    private static void Pulled(World world, string gateway, string begun, string ended)
    {
        world.Go(ended);
        world.Policies = world.Policies.With(new Pulls(Pulls.With(world.Policies.Pulls.All, new Pull(gateway, Days.At(begun), Days.At(ended)))));
        world.TellAccount(new Reconsider());
    }
}
