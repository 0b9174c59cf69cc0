namespace Billing.Domain.Tests;

/// <summary>A step takes effect at the later of the instant computed from what occurred and the record of the newest fact it needs.</summary>
public sealed class RecordedTests
{
    private const string Failed = """{"collection_failed": true}""";

    private static readonly string OneRetry = Some.Standings("""{"retry_after": ["1d"]}""", ("late", """{"retries_exhausted": true}"""));

    [Theory]
    [InlineData(Some.Clock)]
    [InlineData(null)]
    public void Step_AnUnknownTwiceNotCaptured_TakesEffectWhenThatWasLearnt(string? clock)
    {
        var world = World.With(Some.Standings("{}", ("late", Failed)), clock: clock).Method("card", "timeout").Issue("I1", 100);

        world.Go("30m-1ms");
        Assert.Equal("good", world.Standing());

        world.Go("30m");
        Assert.Equal("late", world.Standing());
        Assert.Equal(Days.Start, world.Account().Invoices[0].UnpaidSince);
        Assert.Equal([(Days.At("30m"), "late")], world.Timeline());
    }

    [Theory]
    [InlineData(Some.Clock)]
    [InlineData(null)]
    public void Step_AnUnknownTwiceNotCapturedInTheLastRung_TakesEffectWhenThatWasLearnt(string? clock)
    {
        var world = World.With(OneRetry, clock: clock).Method("card", "decline:insufficient_funds", "timeout").Issue("I1", 100).Go("3d");

        Assert.Equal([(Days.At("1d30m"), "late")], world.Timeline());
    }

    [Theory]
    [InlineData("10m", "30m")]
    [InlineData("30m", "30m")]
    [InlineData("31m", "31m")]
    public void Step_UnpaidForCountsFromTheFirstSubmission_NotBeforeItWasLearnt(string age, string effective)
    {
        var world = World.With(Some.Standings("{}", ("late", $$"""{"unpaid_for": "{{age}}"}"""))).Method("card", "timeout").Issue("I1", 100).Go("3d");

        Assert.Equal([(Days.At(effective), "late")], world.Timeline());
    }

    [Fact]
    public void Step_ADeclineWhoseWordCameLate_IsNoStepBackInTime()
    {
        // The bank declined on day 2, and we heard of it on day 4.
        var world = World.With(Some.Standings("""{"processing_hold": {"default": "9d"}}""", ("late", Failed)), clock: null).Method("card", "processing").Issue("I1", 100);
        world.Go("4d");
        world.Tell(GrainKeys.Payment("I1~0"), new GatewayReported("e", 1, AttemptOutcome.Declined, null, null, "payment_failed", Days.At("2d")));

        Assert.Equal([(Days.At("4d"), "late")], world.Timeline());
        Assert.Equal(Days.At("2d"), world.Account().Invoices[0].UnpaidSince);
    }

    [Fact]
    public void Step_ATagSetLater_CountsFromThatRecord()
    {
        var world = World.With(Some.Standings("{}", ("late", """{"all": [{"collection_failed": true}, {"tagged": "strict"}]}"""))).Method("card", "decline:do_not_honor").Issue("I1", 100);
        world.Go("5d");
        world.TellAccount(new PutAccount(["tags"], new AccountProfile { Id = Some.Account, Tags = ["strict"] }));

        Assert.Equal([(Days.At("5d"), "late")], world.Timeline());
    }

    [Fact]
    public void Command_ThatChangesNothing_NamesAVersionThatExists()
    {
        var world = World.With(OneRetry).Method("card", "ok");
        var reply = Assert.IsType<Done>(world.TellAccount(new MakeDefault("card", null)));

        Assert.Equal(world.Account().Version, reply.StandingVersion);
    }
}
