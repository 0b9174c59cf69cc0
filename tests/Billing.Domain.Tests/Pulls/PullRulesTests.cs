using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>A pull goes through a gateway's books page by page, and again, whatever fails.</summary>
public sealed class PullRulesTests
{
    private static readonly Duration Every = PullRules.Every;

    [Fact]
    public void Pull_FromPageToPage_ThenTellsTheInstallation()
    {
        var pull = new Pulling();
        Assert.Equal(new PullPage(Days.Start - PullRules.FirstLook, null), pull.Tell(new Wake(), "0d"));
        Assert.Equal(new PullPage(Days.Start - PullRules.FirstLook, "2"), pull.Tell(new PagePulled("2", 100), "1s"));
        Assert.Equal(new SettlePull(Days.At("2s")), pull.Tell(new PagePulled(null, 7), "2s"));

        Assert.Null(pull.Tell(new PullSettled(IsQuiet: false), "3s"));
        Assert.Equal(Days.At("8s"), PullRules.Due(pull.State));
        Assert.Equal(new SettlePull(Days.At("2s")), pull.Tell(new Wake(), "8s"));
        Assert.Equal(new PullEnded("stripe", Days.Start), pull.Tell(new PullSettled(IsQuiet: true), "9s"));

        Assert.Equal((Days.Start, Days.At("9s"), 107, null), (pull.State.LastBegunAt, pull.State.LastEndedAt, pull.State.LastCompared, pull.State.Run));
        Assert.Equal(Days.At("15m"), PullRules.Due(pull.State));
        Assert.Equal(new PullPage(Days.Start - PullRules.Overlap, null), pull.Tell(new Wake(), "15m"));
    }

    [Theory]
    [InlineData("15m-1ms", false)]
    [InlineData("15m", true)]
    [InlineData("15m+1ms", true)]
    public void Wake_BeforeItsTime_BeginsNothing(string at, bool begins)
    {
        var pull = Ended();

        Assert.Equal(begins, pull.Tell(new Wake(), at) is not null);
    }

    [Fact]
    public void Wake_WhileAPageIsUnderWay_ReadsItNoSecondTime()
    {
        var pull = new Pulling();
        pull.Tell(new BeginPull(), "0d");

        Assert.Null(pull.Tell(new Wake(), "1m"));
        Assert.Null(pull.Tell(new BeginPull(), "1m"));
    }

    [Fact]
    public void Start_OfAProcess_DoesNotWaitForThePace()
    {
        Assert.Equal(new PullPage(Days.Start - PullRules.Overlap, null), Ended().Tell(new BeginPull(), "3m"));
    }

    [Fact]
    public void Pull_ThatTookLongerThanThePace_IsFollowedByTheNextAtOnce()
    {
        var pull = new Pulling();
        pull.Tell(new Wake(), "0d");
        pull.Tell(new PagePulled(null, 0), "40m");
        pull.Tell(new PullSettled(IsQuiet: true), "41m");

        Assert.Equal(Days.At("41m"), PullRules.Due(pull.State));
    }

    [Fact]
    public void Crash_BetweenPages_GoesOnWithTheSamePage()
    {
        var pull = new Pulling();
        pull.Tell(new Wake(), "0d");
        var page = pull.Tell(new PagePulled("2", 100), "1s");

        Assert.Equal(page, pull.Tell(new Recover(), "5m"));
        Assert.Equal(Days.Start, pull.State.Run!.BegunAt);
    }

    [Fact]
    public void Failure_IsTriedAgainAfterOneTwoFourMinutesUpToThePace()
    {
        var pull = new Pulling();
        var page = pull.Tell(new Wake(), "0d");
        foreach (var (at, next) in new[] { ("1m", "2m"), ("2m", "4m"), ("4m", "8m"), ("8m", "16m"), ("16m", "31m"), ("31m", "46m") })
        {
            Assert.Null(pull.Tell(new PullFailed("no answer"), at));
            Assert.Equal(Days.At(next), PullRules.Due(pull.State));
            Assert.Equal(page, pull.Tell(new Wake(), next));
        }
    }

    [Theory]
    [InlineData("1h-1ms", "0d")]
    [InlineData("1h", "1h20m")]
    public void Failure_OfAPullThatIsOld_BeginsAnew(string at, string begun)
    {
        var pull = new Pulling();
        pull.Tell(new Wake(), "0d");
        pull.Tell(new PagePulled("2", 100), "1m");
        pull.Tell(new PullFailed("no answer"), at);

        pull.Tell(new Wake(), "1h20m");

        Assert.Equal(Days.At(begun), pull.State.Run!.BegunAt);
    }

    [Theory]
    [InlineData("1d1m-1ms", false)]
    [InlineData("1d1m", true)]
    [InlineData("1d1m+1ms", true)]
    public void Failure_ForADay_IsOnTheListUntilAPullEnds(string at, bool isRaised)
    {
        var pull = new Pulling();
        pull.Tell(new Wake(), "0d");
        pull.Tell(new PullFailed("no answer"), "1m");
        pull.Tell(new Wake(), "2m");
        pull.Tell(new PagePulled("2", 1), "3m");

        pull.Tell(new PullFailed("no answer"), at);

        Assert.Equal(isRaised, !pull.State.Attention.IsEmpty);
        Assert.Equal(isRaised, PullRules.Summary(pull.State, "stripe").ContainsKey("attention"));
        pull.Tell(new Wake(), "1d2h");
        pull.Tell(new PagePulled(null, 1), "1d2h");
        pull.Tell(new PullSettled(IsQuiet: true), "1d2h");
        Assert.Empty(pull.State.Attention);
        Assert.Null(pull.State.FailingSince);
    }

    [Fact]
    public void Pulls_OfOneGateway_AreKeptSixHoursLong()
    {
        var state = new BrakeState();
        for (var i = 0; i < 30; i++) state = Ended(state, "stripe", Days.At("1d") + Every * i, Days.At("1d") + Every * i + Days.Ms);
        state = Ended(state, "sandbox", Days.At("1d"), Days.At("2d"));

        var again = Ended(state, "stripe", Days.At("1d"), Days.At("2d"));

        Assert.Same(state, again);
        var pulls = Pulls.Read(System.Text.Json.JsonElement.Parse(BrakeRules.Summary(state)["pulls"]!.ToJsonString()));
        Assert.Equal(state.Pulls.OrderBy(pull => pull.Ended), pulls.All);
        Assert.Equal((24, 1), (pulls.Ends("stripe").Count(), pulls.Ends("sandbox").Count()));
        Assert.Equal(Days.At("1d") + Every * 6 + Days.Ms, pulls.Ends("stripe").First());
    }

    [Theory]
    [InlineData("2d-1ms", true)]
    [InlineData("2d", false)]
    [InlineData("2d+1ms", false)]
    public void Pull_IsBelievedForADayFromItsBeginning(string at, bool isDone)
    {
        var pulls = new Pulls([new Pull("stripe", Days.At("1d"), Days.At("1d1h"))]);

        Assert.Equal(isDone, pulls.IsDone("stripe", Days.At("12h"), Days.At(at)));
    }

    [Fact]
    public void Restored_CollectionGoesOnWhenEveryGatewayWasPulledAfterwards()
    {
        var state = Decide(new BrakeState(), new PauseUntilPulled(["stripe", "sandbox"], "restored"), Days.At("1d"));
        Assert.True(IsPaused());

        state = Ended(state, "stripe", Days.At("1d"), Days.At("1d1m"));
        state = Ended(state, "sandbox", Days.At("1d") + Days.Ms, Days.At("1d2m"));
        Assert.True(IsPaused());
        state = Ended(state, "stripe", Days.At("1d3m"), Days.At("1d4m"));

        Assert.False(IsPaused());
        Assert.Equal(Days.At("1d4m"), state.Pauses.Single().Until);
        Assert.Empty(state.AwaitedPulls);

        bool IsPaused() => new Pauses(state.Pauses).IsOpen(PauseKind.Collection);
    }

    [Fact]
    public void Restored_WhatAnOperatorHadPaused_StaysPaused()
    {
        var state = Decide(new BrakeState(), new PutPauses(null, CollectionPaused: true, "by hand"), Days.At("0d"));
        state = Decide(state, new PauseUntilPulled(["stripe"], "restored"), Days.At("1d"));

        state = Ended(state, "stripe", Days.At("1d1m"), Days.At("1d2m"));

        Assert.True(new Pauses(state.Pauses).IsOpen(PauseKind.Collection));
        Assert.Equal(Days.At("1d"), state.RestoredAt);
    }

    [Fact]
    public void Restored_IsRememberedAfterThePause_TheLastTime()
    {
        var state = Ended(Decide(new BrakeState(), new PauseUntilPulled(["stripe"], "restored"), Days.At("1d")), "stripe", Days.At("1d1m"), Days.At("1d2m"));
        Assert.Equal(Days.At("1d"), state.RestoredAt);

        Assert.Equal(Days.At("2d"), Decide(state, new PauseUntilPulled(["stripe"], "restored"), Days.At("2d")).RestoredAt);
        Assert.Null(Decide(new BrakeState(), new PutPauses(null, CollectionPaused: true, "by hand"), Days.At("1d")).RestoredAt);
    }

    [Fact]
    public void Restored_AnOperatorLetsItGoOn_WaitsForNothingMore()
    {
        var state = Decide(new BrakeState(), new PauseUntilPulled(["stripe"], "restored"), Days.At("1d"));

        state = Decide(state, new PutPauses(null, CollectionPaused: false, "by hand"), Days.At("1d1m"));

        Assert.Empty(state.AwaitedPulls);
        Assert.Single(Ended(state, "stripe", Days.At("1d2m"), Days.At("1d3m")).Pauses);
    }

    [Fact]
    public void Restored_MayHaveLostWhatASlowDebitTellsOfUpToItsBound_AndNothingElse()
    {
        var bound = Days.At("1d") + BrakeState.SlowestSuccess;
        var restored = new BrakeState { RestoredAt = Days.At("1d") };

        Assert.True(restored.MayHaveLost(Days.At("0d")));
        Assert.True(restored.MayHaveLost(bound - Days.Ms));
        Assert.True(restored.MayHaveLost(bound));
        Assert.False(restored.MayHaveLost(bound + Days.Ms));
        Assert.True(restored.MayHaveLost(null));
        Assert.False(new BrakeState().MayHaveLost(Days.At("0d")));
        Assert.False(new BrakeState().MayHaveLost(null));
    }

    private static Pulling Ended()
    {
        var pull = new Pulling();
        pull.Tell(new Wake(), "0d");
        pull.Tell(new PagePulled(null, 0), "1s");
        pull.Tell(new PullSettled(IsQuiet: true), "2s");
        return pull;
    }

    private static BrakeState Ended(BrakeState state, string gateway, Instant begun, Instant ended) => Decide(state, new PullEnded(gateway, begun), ended);

    private static BrakeState Decide(BrakeState state, Message message, Instant at) => BrakeRules.Decide(state, message, at, "installation", 100).State;

    /// <summary>A pull of Stripe's books.</summary>
    private sealed class Pulling
    {
        public PullState State { get; private set; } = new();

        /// <summary>What it asks for then.</summary>
        public Message? Tell(Message message, string at)
        {
            var decision = PullRules.Decide(State, message, Days.At(at), "stripe", Every);
            Assert.IsType<Done>(decision.Reply);
            State = decision.State;
            return decision.Messages.SingleOrDefault()?.Message;
        }
    }
}
