using System.Globalization;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>One bad policy or a gateway's outage must not delete a portfolio: no more than so many live accounts an hour.</summary>
public sealed class DeletionBrakeTests
{
    private static readonly string Deletes =
        """
        {"standings": [
            {"name": "suspended", "when": {"unpaid_for": "2d"}, "deny": ["purchase"], "message": "Pay first."},
            {"name": "deleted", "when": {"in_standing": {"suspended": "14d"}}, "on_enter": ["delete_resources"], "deny": ["purchase"], "message": "Pay first."}
        ]}
        """;

    [Theory]
    [InlineData(99, true)]
    [InlineData(100, false)]
    [InlineData(101, false)]
    public void Ask_SoManyWithinTheHour_PermitsUpToTheLimit(int before, bool isPermitted)
    {
        var state = new BrakeState();
        for (var i = 0; i < before; i++) state = Ask(state, "0d", 100, out _);

        state = Ask(state, "30m", 100, out var answer);

        Assert.Equal(isPermitted ? null : (Instant?)Days.At("1h"), answer.AskAgainAt);
        Assert.Equal(isPermitted, state.Attention.IsEmpty);
    }

    [Theory]
    [InlineData("1h-1ms", false)]
    [InlineData("1h", true)]
    [InlineData("1h+1ms", true)]
    public void Ask_TheWindowMoves_PermitsAgain(string at, bool isPermitted)
    {
        var state = Ask(new BrakeState(), "0d", 1, out _);

        Ask(state, at, 1, out var answer);

        Assert.Equal(isPermitted, answer.AskAgainAt is null);
    }

    [Fact]
    public void Ask_ManyAreRefused_TheirTurnsComeAtThePaceOfTheBrake()
    {
        var state = Ask(Ask(new BrakeState(), "0d", 2, out _), "10m", 2, out _);
        var turns = new List<Instant?>();
        for (var i = 0; i < 5; i++)
        {
            state = Ask(state, "20m", 2, out var answer);
            turns.Add(answer.AskAgainAt);
        }

        Assert.Equal([Days.At("1h"), Days.At("1h10m"), Days.At("2h"), Days.At("2h10m"), Days.At("3h")], turns);
        Assert.Single(state.Attention);
    }

    [Fact]
    public void Ask_ABrakeOfNone_PermitsNobody()
    {
        Ask(new BrakeState(), "0d", 0, out var answer);

        Assert.Equal(Days.At("1h"), answer.AskAgainAt);
    }

    [Fact]
    public void Attention_NobodyWaitsAnyMore_IsTakenOff()
    {
        var state = Ask(Ask(new BrakeState(), "0d", 1, out _), "1m", 1, out _);
        Assert.Equal(Days.At("2h"), BrakeRules.Due(state));

        Assert.Single(Wake(state, "2h-1ms").Attention);
        Assert.Empty(Wake(state, "2h").Attention);
    }

    [Fact]
    public void Step_Permitted_TakesEffectThen()
    {
        var world = Begin(limit: 100).Go("16d");

        Assert.Equal((Days.At("16d"), "deleted"), world.Timeline()[^1]);
        Assert.Single(world.Brake(GrainKeys.DeletionBrake).Permits);
        Assert.Null(world.Account().DeletionPermit);
    }

    [Fact]
    public void Step_BeyondTheLimit_WaitsUntilTheWindowMovesAndIsOnTheList()
    {
        var world = Begin(limit: 3).Go("16d-1ms");
        for (var i = 0; i < 3; i++) world.Tell(GrainKeys.DeletionBrake, new AskDeletion("other", world.Now));

        world.Go("16d");
        Assert.Equal("suspended", world.Standing());
        Assert.Equal("deletion_brake", Assert.Single(world.Account().Attention).Kind);
        Assert.Single(world.Brake(GrainKeys.DeletionBrake).Attention);
        Assert.Equal(Days.At("16d1h-1ms"), AccountRules.Due(world.Account(), world.Policies));

        world.Go("16d1h-1ms");
        Assert.Equal((Days.At("16d1h-1ms"), "deleted"), world.Timeline()[^1]);
        Assert.Empty(world.Account().Attention);
    }

    [Fact]
    public void Step_LateByThirtyDays_AsksThenAndTakesEffectThen()
    {
        var world = Begin(limit: 100).Go("2d");
        world.SleepUntil(Days.At("46d"));
        Assert.Equal("suspended", world.Standing());

        world.Go("46d");
        world.Happen();

        Assert.Equal((Days.At("46d"), "deleted"), world.Timeline()[^1]);
    }

    [Fact]
    public void Step_PaidWhileItWaits_IsForgotten()
    {
        var world = Begin(limit: 0).Go("16d");
        Assert.NotNull(world.Account().DeletionPermit);

        world.Accept(world.PayWith("ok", "I1"));

        Assert.Null(world.Account().DeletionPermit);
        Assert.Empty(world.Account().Attention);
        Assert.Equal("good", world.Standing());
    }

    [Fact]
    public void Step_WaitsForALegalHold_AsksOnlyWhenThatIsGone()
    {
        var world = Begin(limit: 100).Go("10d");
        world.Accept(world.TellAccount(new PutHold(HoldCategory.Legal, ["purchase"], "case")));
        world.Go("20d");
        Assert.Empty(world.Brake(GrainKeys.DeletionBrake).Permits);

        world.Accept(world.TellAccount(new ReleaseHold(HoldCategory.Legal)));

        Assert.Equal((Days.At("20d"), "deleted"), world.Timeline()[^1]);
    }

    [Fact]
    public void Step_EscalationsArePausedAfterTheRefusal_CountsAnewAndAsksAnew()
    {
        var world = Begin(limit: 0).Go("16d");
        world.Policies = world.Policies.With(new Pauses([new Pause(PauseKind.Escalations, Days.At("16d10m"), Days.At("17d"), "a bad policy")]));
        world.DeletionsPerHour = 100;

        world.Go("40d");

        Assert.Equal((Days.At("31d"), "deleted"), world.Timeline()[^1]);
    }

    [Fact]
    public void Forecast_OfALiveAccount_TellsTheDeletion()
    {
        var world = Begin(limit: 0).Go("3d");

        Assert.Equal(new StandingStep("deleted", Days.At("16d")), world.View().Next);
    }

    [Fact]
    public void Step_OfATestAccount_IsNeitherAskedNorCounted()
    {
        var world = World.With(Deletes);
        world.DeletionsPerHour = 0;
        world.Method("card", "decline:x").Issue("I1", 100).Go("16d");

        Assert.Equal((Days.At("16d"), "deleted"), world.Timeline()[^1]);
        Assert.Empty(world.Brake(GrainKeys.DeletionBrake).Attention);
    }

    [Fact]
    public void Answer_ToAnEarlierQuestion_IsIgnored()
    {
        var world = Begin(limit: 0).Go("16d");

        world.TellAccount(new DeletionAnswered(Days.At("15d"), AskAgainAt: null));
        world.TellAccount(new DeletionAnswered(Days.At("16d"), AskAgainAt: null));

        Assert.Equal("suspended", world.Standing());
    }

    private static World Begin(int limit)
    {
        var world = World.With(Deletes, clock: null);
        world.DeletionsPerHour = limit;
        return world.Method("card", "decline:x").Issue("I1", 100);
    }

    private static BrakeState Ask(BrakeState state, string at, int limit, out DeletionAnswered answer)
    {
        var decision = BrakeRules.Decide(state, new AskDeletion(string.Create(CultureInfo.InvariantCulture, $"a-{state.Permits.Length}"), Days.At(at)), Days.At(at), "deletion", limit);
        answer = Assert.IsType<DeletionAnswered>(Assert.Single(decision.Messages).Message);
        return decision.State;
    }

    private static BrakeState Wake(BrakeState state, string at) => BrakeRules.Decide(state, new Wake(), Days.At(at), "deletion", 100).State;
}
