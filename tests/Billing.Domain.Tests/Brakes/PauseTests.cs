using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>
/// The pauses of the whole installation. Whoever was awake and whoever slept through one derive the same, so everything is
/// played both ways.
/// </summary>
public sealed class PauseTests
{
    private static readonly string Ages = Some.Standings("{}", ("mild", """{"collection_failed": true}"""), ("late", """{"unpaid_for": "2d"}"""), ("harsh", """{"unpaid_for": "4d"}"""));

    private static readonly string Deletes =
        """
        {"standings": [
            {"name": "suspended", "when": {"unpaid_for": "2d"}, "deny": ["purchase"], "message": "Pay first."},
            {"name": "deleted", "when": {"in_standing": {"suspended": "14d"}}, "on_enter": ["delete_resources"], "deny": ["purchase"], "message": "Pay first.",
             "requires_notice": [{"notice": "deletion_warning", "at": "-3d", "at_least": "48h"}]}
        ]}
        """;

    private static readonly string Ladder = """{"collection": {"retry_after": ["1d", "2d", "3d"]}, "standings": []}""";

    [Theory]
    [InlineData("2d-1ms", "3d", "3d")]
    [InlineData("2d", "3d", "3d")]
    [InlineData("2d+1ms", "3d", "2d")]
    [InlineData("1d", "2d-1ms", "2d")]
    [InlineData("1d", "2d", "2d")]
    [InlineData("1d", "2d+1ms", "2d+1ms")]
    [InlineData("1d", "32d", "32d")]
    public void Escalations_AStepInThePause_TakesEffectAtItsEnd(string from, string until, string late)
    {
        var expected = Days.At(late) >= Days.At("4d") ? "harsh" : "late";
        AwakeAndAsleep(Ages, PauseKind.Escalations, from, until, "33d", world =>
        {
            Assert.Equal((Days.At("0d"), "mild"), world.Timeline()[0]);
            Assert.Equal((Days.At(late), expected), world.Timeline()[1]);
        });
    }

    [Fact]
    public void Escalations_WhileTheyArePaused_TheGateShowsTheStandingBefore()
    {
        var world = World.With(Ages, clock: null).Method("card", "decline:x").Issue("I1", 100);
        Set(world, PauseKind.Escalations, "1d");

        world.SleepUntil(Days.At("31d"));

        Assert.Equal("mild", world.Standing());
        Assert.Null(world.View().Next);
        Set(world, PauseKind.Escalations, "1d", "31d");
        Assert.Equal("harsh", world.Standing());
    }

    [Fact]
    public void Escalations_Paused_WhatGetsBetterDoesSoAtOnce()
    {
        var world = World.With(Ages, clock: null).Method("card", "decline:x").Issue("I1", 100).Go("3d");
        Set(world, PauseKind.Escalations, "3d");

        world.Accept(world.PayWith("ok", "I1"));

        Assert.Equal("good", world.Standing());
    }

    [Theory]
    [InlineData("7d-1ms", "9d", "9d")]
    [InlineData("7d", "9d", "9d")]
    [InlineData("7d+1ms", "9d", "7d")]
    [InlineData("6d", "7d", "7d")]
    [InlineData("6d", "7d+1ms", "7d+1ms")]
    [InlineData("6d", "36d", "36d")]
    public void Escalations_ACancellationInThePause_ComesAtItsEnd(string from, string until, string cancelled) =>
        AwakeAndAsleep("""{"collection": {"due_after": "7d"}, "invoice": {"cancel_after": "0d"}, "standings": []}""", PauseKind.Escalations, from, until, "40d", world =>
        {
            var e = Assert.Single(world.Events, e => e.Type == "invoice.cancelled");
            Assert.Equal(Days.At(cancelled), e.EffectiveAt);
        });

    [Fact]
    public void Escalations_Paused_AnInvoiceWhoseTimeIsOverMayStillBePaid()
    {
        var world = World.With("""{"collection": {"due_after": "7d"}, "invoice": {"cancel_after": "0d"}, "standings": []}""", clock: null).Method("card", "decline:x").Issue("I1", 100);
        Set(world, PauseKind.Escalations, "6d");
        world.Go("37d");

        world.Accept(world.PayWith("ok", "I1"));

        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
    }

    [Theory]
    [InlineData("5d", "8d", "22d", "19d")]
    [InlineData("15d", "15d+1ms", "29d+1ms", "26d+1ms")]
    [InlineData("5d", "35d", "49d", "46d")]
    public void Escalations_AtTheirEnd_ACountdownToADeletionAndItsNoticeBeginAnew(string from, string until, string deleted, string lastNotice)
    {
        AwakeAndAsleep(Deletes, PauseKind.Escalations, from, until, "60d", world =>
        {
            Assert.Equal([(Days.At("2d"), "suspended"), (Days.At(deleted), "deleted")], world.Timeline());
            Assert.Equal(Days.At(lastNotice), world.Events.Last(e => e.Type == "notice.sent").EffectiveAt);
        }, isAsleep: false);
    }

    [Fact]
    public void Escalations_PausedBeforeTheNotice_NoneIsSentMeanwhile()
    {
        var world = World.With(Deletes, clock: null).Method("card", "decline:x").Issue("I1", 100).Go("5d");
        Set(world, PauseKind.Escalations, "5d");

        world.Go("35d");

        Assert.DoesNotContain(world.Events, e => e.Type == "notice.sent");
        Assert.Equal("suspended", world.Standing());
    }

    [Fact]
    public void Escalations_TwoPauses_EachCountsAnew()
    {
        var world = World.With(Deletes, clock: null).Method("card", "decline:x").Issue("I1", 100).Go("2d");
        world.Policies = world.Policies.With(new Pauses([Of(PauseKind.Escalations, "3d", "5d"), Of(PauseKind.Escalations, "10d", "12d")]));

        world.Go("60d");

        Assert.Equal((Days.At("26d"), "deleted"), world.Timeline()[^1]);
    }

    [Fact]
    public void Escalations_APauseOfLongAgo_ChangesNothing()
    {
        var world = World.With(Deletes, clock: null).Method("card", "decline:x");
        Set(world, PauseKind.Escalations, "1d", "2d");
        world.Go("10d").Issue("I1", 100);

        world.Go("60d");

        Assert.Equal([(Days.At("12d"), "suspended"), (Days.At("26d"), "deleted")], world.Timeline());
    }

    [Fact]
    public void Escalations_AnAccountOnATestClock_HasAnotherTime()
    {
        var world = World.With(Ages).Method("card", "decline:x").Issue("I1", 100);
        Set(world, PauseKind.Escalations, "0d");
        Set(world, PauseKind.Collection, "0d");

        world.Go("5d");

        Assert.Equal([(Days.At("0d"), "mild"), (Days.At("2d"), "late"), (Days.At("4d"), "harsh")], world.Timeline());
    }

    [Fact]
    public void Escalations_Paused_ItIsToBeWokenAndNotDue()
    {
        var world = World.With(Ages, clock: null).Method("card", "decline:x").Issue("I1", 100);
        Set(world, PauseKind.Escalations, "1d");

        Assert.Null(AccountRules.Due(world.Account(), world.Policies));
        Assert.True(AccountRules.Summary(world.Account(), world.Policies)["waits_for_escalations"]!.GetValue<bool>());
        Set(world, PauseKind.Escalations, "1d", "3d");
        Assert.Equal(Days.At("3d"), AccountRules.Due(world.Account(), world.Policies));
        Assert.Null(AccountRules.Summary(world.Account(), world.Policies)["waits_for_escalations"]);
    }

    [Theory]
    [InlineData("1d-1ms", "1d12h", "1d12h")]
    [InlineData("1d", "1d12h", "1d12h")]
    [InlineData("1d+1ms", "1d12h", "1d")]
    [InlineData("12h", "1d-1ms", "1d")]
    [InlineData("12h", "1d", "1d")]
    [InlineData("12h", "1d+1ms", "1d+1ms")]
    public void Collection_ARungInThePause_BeginsAtItsEnd(string from, string until, string begun)
    {
        var world = World.With(Ladder, clock: null).Method("card", "decline:x", "ok").Issue("I1", 100);
        Set(world, PauseKind.Collection, from, until);

        world.Go("2d");

        Assert.Equal(Days.At(begun), world.Invoice("I1").Attempts[1].At);
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
    }

    [Fact]
    public void Collection_PausedForThirtyDays_OnlyTheLastRungRuns()
    {
        var world = World.With(Ladder, clock: null).Method("card", "decline:x").Issue("I1", 100);
        Set(world, PauseKind.Collection, "12h");
        world.Go("30d12h");
        Assert.Equal(1, world.Gateway.Submissions);
        Assert.True(AccountRules.Summary(world.Account(), world.Policies)["waits_for_collection"]!.GetValue<bool>());

        Set(world, PauseKind.Collection, "12h", "30d12h");
        world.Go("31d");

        Assert.Equal([RungResult.Failed, RungResult.Missed, RungResult.Missed, RungResult.Failed], world.Invoice("I1").Ladder.Select(rung => rung.Result));
        Assert.Equal(Days.At("30d12h"), world.Invoice("I1").Attempts[1].At);
    }

    [Theory]
    [InlineData("at_issue")]
    [InlineData("at_due")]
    public void Collection_Rung0Waits_NothingBecomesUnpaidForIt(string charge)
    {
        var policy = Some.Standings($$"""{"charge": "{{charge}}", "due_after": "3d"}""", ("mild", """{"collection_failed": true}"""), ("late", """{"unpaid_for": "2d"}"""));
        var world = World.With(policy, clock: null).Method("card", "ok");
        Set(world, PauseKind.Collection, "0d");
        world.Issue("I1", 100);

        world.Go("33d");
        Assert.Equal("good", world.Standing());
        Assert.Null(world.Account().Episode);
        Assert.Equal(0, world.Gateway.Submissions);

        Set(world, PauseKind.Collection, "0d", "33d");
        world.Go("33d");
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
        Assert.DoesNotContain(world.Events, e => e.Type == "invoice.unpaid");
    }

    [Fact]
    public void Collection_Paused_ByHandAndMoneyReceivedGoOn()
    {
        var world = World.With(Ladder, clock: null).Method("card", "decline:x").Issue("I1", 100).Issue("I2", 100);
        Set(world, PauseKind.Collection, "0d");

        world.Accept(world.PayWith("ok", "I1"));
        world.Accept(world.Receive("wire-1", 100, "I2"));

        Assert.Empty(world.Account().Invoices);
    }

    [Fact]
    public void Collection_Paused_ANewMethodIsNotChargedAndNotMadeUpFor()
    {
        var world = World.With("""{"collection": {"on_new_method": "charge"}, "standings": []}""", clock: null).Method("card", "decline:x").Issue("I1", 100);
        Set(world, PauseKind.Collection, "0d", "5d");

        world.Method("new", "ok").Go("10d");
        Assert.Equal(1, world.Gateway.Submissions);

        world.Method("newer", "ok");
        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
    }

    [Fact]
    public void Collection_PausedWhileARungIsTriedAgainAfterAnError_ItWaits()
    {
        var world = World.With(Ladder, clock: null).Method("card", "error", "ok").Issue("I1", 100);
        Set(world, PauseKind.Collection, "1m", "31d");

        world.Go("31d-1ms");
        Assert.Equal(1, world.Gateway.Submissions);
        world.Go("31d");

        Assert.Equal(InvoiceStatus.Paid, world.Invoice("I1").Status);
    }

    [Fact]
    public void Collection_Paused_EscalationsGoOn()
    {
        var world = World.With(Ages, clock: null).Method("card", "decline:x").Issue("I1", 100);
        Set(world, PauseKind.Collection, "1d");

        world.Go("5d");

        Assert.Equal("harsh", world.Standing());
    }

    [Fact]
    public void Put_ABreakOfEach_IsOneRowOfIntervals()
    {
        var state = Put(new BrakeState(), new PutPauses(true, null, "one"), "1d");
        state = Put(state, new PutPauses(null, true, "two"), "2d");
        state = Put(state, new PutPauses(true, false, "three"), "3d");
        state = Put(state, new PutPauses(false, null, "four"), "4d");

        Assert.Equal([new Pause(PauseKind.Escalations, Days.At("1d"), Days.At("4d"), "one"), new Pause(PauseKind.Collection, Days.At("2d"), Days.At("3d"), "two")], state.Pauses.AsEnumerable());
        var again = BrakeRules.Decide(state, new PutPauses(false, false, "five"), Days.At("5d"), "installation", 100);
        Assert.True(Assert.IsType<Done>(again.Reply).Replayed);
        Assert.True(again.ChangesNothing(state));
    }

    [Fact]
    public void Row_ReadByAnotherProcess_IsTheSame()
    {
        var state = Put(Put(new BrakeState(), new PutPauses(true, true, "ä \"reason\""), "1d+1ms"), new PutPauses(false, null, "over"), "2d");
        var row = JsonElement.Parse(BrakeRules.Summary(state).ToJsonString()).GetProperty("pauses");

        Assert.Equal(state.Pauses.AsEnumerable(), Pauses.Read(row).All.AsEnumerable());
    }

    private static BrakeState Put(BrakeState state, PutPauses command, string at) => BrakeRules.Decide(state, command, Days.At(at), "installation", 100).State;

    /// <summary>Plays an unpaid account through a pause, woken whenever it is due, and again asleep from before its beginning until the end.</summary>
    private static void AwakeAndAsleep(string policy, PauseKind kind, string from, string until, string end, Action<World> check, bool isAsleep = true)
    {
        foreach (var sleeps in isAsleep ? new[] { false, true } : [false])
        {
            var world = World.With(policy, clock: null).Method("card", "decline:x").Issue("I1", 100);
            if (sleeps) world.SleepUntil(Days.At(end));
            else Awake(world, kind, from, until);
            Set(world, kind, from, until);
            world.Go(end);
            world.Happen();
            check(world);
        }
    }

    /// <summary>Nobody knows a pause before it begins, or its end before it is over.</summary>
    private static void Awake(World world, PauseKind kind, string from, string until)
    {
        world.AdvanceTo(Days.At(from) - Days.Ms);
        Set(world, kind, from);
        world.AdvanceTo(Days.At(until) - Days.Ms);
    }

    private static void Set(World world, PauseKind kind, string from, string? until = null) =>
        world.Policies = world.Policies.With(new Pauses([.. world.Policies.Pauses.All.Where(pause => pause.Kind != kind), Of(kind, from, until)]));

    private static Pause Of(PauseKind kind, string from, string? until) => new(kind, Days.At(from), until is null ? null : Days.At(until), string.Create(CultureInfo.InvariantCulture, $"since {from}"));
}
