using NodaTime;

namespace Billing.Domain.Tests;

public sealed class TestClockRulesTests
{
    [Fact]
    public void Put_TheSameInstantAgain_IsAReplay_AnotherIsRefused()
    {
        var clock = Made();
        Assert.True(Assert.IsType<Done>(Decide(clock, new PutTestClock(Days.Start)).Reply).Replayed);
        Assert.Equal(Problems.IdTaken, Assert.IsType<Refused>(Decide(clock, new PutTestClock(Days.At("1d"))).Reply).Code);
    }

    [Theory]
    [InlineData("-1ms", Problems.InvalidRequest)]
    [InlineData("0ms", null)]
    [InlineData("1ms", null)]
    public void Advance_ForwardOnly(string to, string? refused) =>
        Assert.Equal(refused, (Decide(Made(), new AdvanceTestClock(Days.At(to))).Reply as Refused)?.Code);

    [Fact]
    public void Advance_WhileAdvancing_TakesTheSameTargetOnly()
    {
        var moving = Decide(Made(), new AdvanceTestClock(Days.At("5d"))).State;
        Assert.IsType<Done>(Decide(moving, new AdvanceTestClock(Days.At("5d"))).Reply);
        Assert.Equal(Problems.ClockAdvancing, Assert.IsType<Refused>(Decide(moving, new AdvanceTestClock(Days.At("6d"))).Reply).Code);
        Assert.Equal(Problems.NotFound, Assert.IsType<Refused>(Decide(new TestClockState(), new AdvanceTestClock(Days.At("6d"))).Reply).Code);
    }

    [Theory]
    [InlineData("2d", false, "2d", true)]
    [InlineData("2d", true, "2d", true)]
    [InlineData("5d", false, "5d", true)]
    [InlineData("5d", true, "5d", false)]
    [InlineData("9d", true, "5d", false)]
    [InlineData("-1d", false, "0d", true)]
    public void Reached_NeverBackNeverBeyondTheTarget_EndsWhenQuietThere(string at, bool isQuiet, string now, bool isAdvancing)
    {
        var moving = Decide(Made(), new AdvanceTestClock(Days.At("5d"))).State;
        var reached = Decide(moving, new ClockReached(Days.At(at), isQuiet)).State;

        Assert.Equal(Days.At(now), reached.Now);
        Assert.Equal(isAdvancing, reached.Target is not null);
    }

    [Fact]
    public void Reached_StandingStill_ChangesNothing()
    {
        var clock = Made();
        Assert.True(Decide(clock, new ClockReached(Days.At("9d"), IsQuiet: true)).ChangesNothing(clock));
    }

    private static TestClockState Made() => Decide(new TestClockState(), new PutTestClock(Days.Start)).State;

    private static Decision<TestClockState> Decide(TestClockState state, Message message) => TestClockRules.Decide(state, message, Days.Start, "clock");
}
