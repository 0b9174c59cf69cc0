using NodaTime;

namespace Billing.Domain.Tests.Notices;

/// <summary>What proves a notice, what takes the proof back, and what happens while there is none.</summary>
public sealed class NoticeTests
{
    private const string Deletes = """
        {"collection": {"due_after": "0d"}, "standings": [
          {"name": "past", "when": {"unpaid_for": "1d"}, "deny": ["purchase"], "message": "Pay."},
          {"name": "gone", "when": {"in_standing": {"past": "5d"}}, "on_enter": ["delete_resources"], "deny": ["purchase"], "message": "Pay.",
           "requires_notice": [{"notice": "warning", "at": "-3d", "at_least": "48h"}]}]}
        """;

    [Fact]
    public void Step_WithoutProof_WaitsForEver()
    {
        var world = Owing(_ => null).Go("300d");

        Assert.Equal("past", world.Standing());
    }

    [Theory]
    [InlineData("-1ms", false)]
    [InlineData("0ms", true)]
    public void Proof_NoneForSevenDays_NeedsAHuman(string late, bool isListed)
    {
        var world = Owing(_ => null);
        world.AdvanceTo(Days.At("10d") + Days.Parse(late));

        Assert.Equal(isListed ? ["notice_unproved"] : [], Kinds(world));
    }

    [Fact]
    public void Proof_AfterSevenDays_TakesItOffTheListAndMovesTheStep()
    {
        var world = Owing(_ => null).Go("12d");
        world.TellAccount(new NoticeAccepted("acme~notice~1", "warning", world.Now));

        Assert.Empty(Kinds(world));
        world.AdvanceTo(Days.At("14d") - Duration.FromMilliseconds(1));
        Assert.Equal("past", world.Standing());
        world.AdvanceTo(Days.At("14d"));
        Assert.Equal("gone", world.Standing());
    }

    [Fact]
    public void Proof_NotNeededAnyMore_TakesItOffTheList()
    {
        var world = Owing(_ => null).Go("12d");
        world.Accept(world.PayWith("ok", "I1"));

        Assert.Empty(Kinds(world));
        Assert.Equal("good", world.Standing());
    }

    [Fact]
    public void Attest_IsProofAndTakesItOffTheList()
    {
        var world = Owing(_ => null).Go("12d");
        world.Accept(world.TellAccount(new AttestNotice("acme~notice~1", "a letter", Some.Key("k"))));

        Assert.Empty(Kinds(world));
        Assert.Equal("gone", world.Go("14d").Standing());
    }

    [Fact]
    public void Refused_IsNoProofAndNeedsAHumanAtOnce()
    {
        var world = Owing(notice => new NoticeRefused(notice.Id, notice.Notice, "550 5.1.1")).Go("30d");

        Assert.Equal("past", world.Standing());
        Assert.Equal(["notice_bounced"], Kinds(world));
        Assert.Equal("550 5.1.1", Assert.Single(world.Events, e => e.Type == "notice.bounced").Data["code"]!.GetValue<string>());
    }

    [Fact]
    public void Refused_AnotherOwner_IsSentAgainAsTheSameNotice()
    {
        var world = Owing(notice => new NoticeRefused(notice.Id, notice.Notice, "550")).Go("4d");
        world.Relay = notice => new NoticeAccepted(notice.Id, notice.Notice, notice.Facts!.At, notice.Sending);
        world.Accept(world.TellAccount(Owner("new@example.com")));

        Assert.Equal([("acme~notice~1", 0), ("acme~notice~1", 1)], world.Notices.Select(notice => (notice.Id, notice.Sending)));
        Assert.Empty(Kinds(world));
        Assert.Equal("gone", world.Go("6d").Standing());
    }

    [Fact]
    public void Owner_Changed_SendsNothingThatDidNotComeBack()
    {
        var world = Owing(_ => null).Go("4d");
        world.Accept(world.TellAccount(Owner("new@example.com")));

        Assert.Single(world.Notices);
    }

    [Fact]
    public void Bounced_BeforeTheAcceptanceIsKnown_TheAcceptanceProvesNothing()
    {
        var world = Owing(_ => null).Go("4d");
        world.Accept(world.TellAccount(new NoticeBounced("acme~notice~1")));
        world.TellAccount(new NoticeAccepted("acme~notice~1", "warning", world.Now));

        Assert.Equal("past", world.Go("30d").Standing());
    }

    [Fact]
    public void Bounced_AnotherOwner_OnlyTheNewSendingProves()
    {
        var world = Owing(_ => null).Go("4d");
        world.Accept(world.TellAccount(new NoticeBounced("acme~notice~1")));
        world.Accept(world.TellAccount(Owner("new@example.com")));
        world.TellAccount(new NoticeAccepted("acme~notice~1", "warning", world.Now));
        Assert.Null(Assert.Single(world.Account().Notices).DeliveredAt);

        world.TellAccount(new NoticeAccepted("acme~notice~1", "warning", world.Now, Sending: 1));
        Assert.Equal(world.Now, Assert.Single(world.Account().Notices).DeliveredAt);
    }

    [Fact]
    public void Bounced_SaidTwice_IsRecordedOnce()
    {
        var world = Owing(notice => new NoticeAccepted(notice.Id, notice.Notice, notice.Facts!.At)).Go("4d");
        world.Accept(world.TellAccount(new NoticeBounced("acme~notice~1")));
        world.Accept(world.TellAccount(new NoticeBounced("acme~notice~1")));

        Assert.Single(world.Events, e => e.Type == "notice.bounced");
    }

    [Theory]
    [InlineData("acme~notice~0")]
    [InlineData("acme~notice~01")]
    [InlineData("acme~notice~2")]
    [InlineData("acme~notice~-1")]
    [InlineData("acme~notice~")]
    [InlineData("acme~bill~1")]
    public void BouncedAndAttest_OfANoticeThatNobodyPromised_AreRefused(string id)
    {
        var world = Owing(_ => null).Go("4d");

        Assert.Equal(Problems.NotFound, Assert.IsType<Refused>(world.TellAccount(new NoticeBounced(id))).Code);
        Assert.Equal(Problems.NotFound, Assert.IsType<Refused>(world.TellAccount(new AttestNotice(id, "a letter", Some.Key("k")))).Code);
    }

    [Fact]
    public void Bounced_ManyThatNoStepWaitsFor_AreOneMatter()
    {
        var world = World.With("""{"standings": [{"name": "a", "when": {"unpaid_for": "1d"}, "on_enter": ["notice:a1", "notice:a2"]}]}""").Issue("I1", 100, Collection.Manual, Days.Start).Go("2d");
        world.Accept(world.TellAccount(new NoticeBounced("acme~notice~1")));
        world.Accept(world.TellAccount(new NoticeBounced("acme~notice~2")));

        Assert.Equal(["notice_bounced"], Kinds(world));
        world.Accept(world.TellAccount(Owner("new@example.com")));
        Assert.Empty(Kinds(world));
        Assert.Equal(2, world.Notices.Count);
    }

    [Fact]
    public void AttemptFailed_ByHand_IsNoNotice()
    {
        var world = World.With("""{"collection": {"notices": {"attempt_failed": "failed"}}, "standings": []}""").Issue("I1", 100, Collection.Manual, Days.Start);
        world.PayWith("decline:insufficient_funds", "I1");

        Assert.Empty(world.Notices);
    }

    private static World Owing(Func<SendNotice, Message?> relay)
    {
        var world = World.With(Deletes);
        world.Relay = relay;
        return world.Issue("I1", 100, Collection.Manual, Days.Start);
    }

    private static PutAccount Owner(string address) => new(["emails"], new AccountProfile { Id = Some.Account, Emails = [address] });

    private static string[] Kinds(World world) => [.. world.Account().Attention.Select(entry => entry.Kind)];
}
