using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>The document and its ladder: rung n at the n-th offset from the end of rung 0.</summary>
public sealed class InvoiceRulesTests
{
    private static readonly ImmutableArray<Duration> Offsets = [Duration.FromDays(1), Duration.FromDays(3), Duration.FromDays(7)];

    [Fact]
    public void Rung0_IsAskedForAtIssue()
    {
        var decision = Decide(Draft(), Issued(firstRungAt: Days.Start), Days.Start);
        Assert.Equal(new BeginRung("I1", 0), Assert.Single(decision.Messages).Message);
        Assert.Null(InvoiceRules.Due(decision.State));
    }

    [Theory]
    [InlineData("-1ms", 0)]
    [InlineData("0ms", 1)]
    [InlineData("1ms", 1)]
    public void Rung0_AtDue_IsAskedForThen(string late, int asked)
    {
        var open = Decide(Draft(), Issued(firstRungAt: Days.At("5d")), Days.Start).State;
        Assert.Equal(Days.At("5d"), InvoiceRules.Due(open));

        Assert.Equal(asked, Decide(open, new Wake(), Days.At("5d") + Days.Parse(late)).Messages.Length);
    }

    [Theory]
    [InlineData("0d", 1, "1d")]
    [InlineData("6h", 1, "1d6h")]
    [InlineData("20d", 1, "21d")]
    public void Rung_CountsFromTheEndOfRung0(string ended, int rung, string due)
    {
        var open = AfterRung0(ended);
        Assert.Equal(Days.At(due), InvoiceRules.Due(open));
        Assert.Equal(new BeginRung("I1", rung), Assert.Single(Decide(open, new Wake(), Days.At(due)).Messages).Message);
    }

    [Theory]
    [InlineData("1d-1ms", -1, "")]
    [InlineData("1d", 1, "")]
    [InlineData("3d-1ms", 1, "")]
    [InlineData("3d", 2, "1")]
    [InlineData("7d-1ms", 2, "1")]
    [InlineData("7d", 3, "1,2")]
    [InlineData("90d", 3, "1,2")]
    public void Wake_SeveralRungsCameDue_OnlyTheLastRunsTheOthersAreMissed(string at, int runs, string missed)
    {
        var decision = Decide(AfterRung0("0d"), new Wake(), Days.At(at));

        Assert.Equal(runs, decision.Messages.Select(message => ((BeginRung)message.Message).Rung).SingleOrDefault(-1));
        Assert.Equal(missed, string.Join(',', decision.State.Ladder.Where(rung => rung.Result == RungResult.Missed).Select(rung => rung.Rung)));
    }

    [Fact]
    public void Wake_Late_ShiftsNoLaterRung()
    {
        var late = Decide(AfterRung0("0d"), new Wake(), Days.At("2d23h")).State;
        Assert.Equal(Days.At("3d"), InvoiceRules.Due(late));
        Assert.Equal(Days.At("3d"), InvoiceRules.Due(Decide(late, new RungEnded(1, RungResult.Failed, Days.At("2d23h")), Days.At("2d23h")).State));
    }

    [Fact]
    public void Wake_Doubled_AsksOnce()
    {
        var asked = Decide(AfterRung0("0d"), new Wake(), Days.At("1d")).State;
        Assert.True(Decide(asked, new Wake(), Days.At("1d")).ChangesNothing(asked));
    }

    [Fact]
    public void RungEnded_SaidTwice_ChangesNothing()
    {
        var open = AfterRung0("0d");
        Assert.True(Decide(open, new RungEnded(0, RungResult.Failed, Days.At("1d")), Days.At("1d")).ChangesNothing(open));
    }

    [Theory]
    [InlineData(InvoiceStatus.Paid)]
    [InlineData(InvoiceStatus.Void)]
    public void Closed_NothingIsAskedForAnyMore(InvoiceStatus status)
    {
        var closed = Decide(AfterRung0("0d"), new PositionChanged { Status = status, Due = Some.Dollars(0), StandingVersion = 9 }, Days.At("1h")).State;

        Assert.Null(InvoiceRules.Due(closed));
        Assert.Empty(Decide(closed, new Wake(), Days.At("30d")).Messages);
    }

    [Fact]
    public void LastRung_NothingIsDueAfterIt()
    {
        var last = Decide(AfterRung0("0d"), new Wake(), Days.At("7d")).State;
        Assert.Null(InvoiceRules.Due(Decide(last, new RungEnded(3, RungResult.Failed, Days.At("7d")), Days.At("7d")).State));
    }

    [Fact]
    public void Put_TheSameAgain_IsAReplay()
    {
        var asked = Decide(new InvoiceState(), Put(100), Days.Start).State;

        Assert.True(Assert.IsType<Done>(Decide(asked, Put(100), Days.Start).Reply).Replayed);
        Assert.Equal(Problems.InvoiceIssued, Assert.IsType<Refused>(Decide(asked, Put(101), Days.Start).Reply).Code);
        Assert.Equal(Problems.InvoiceIssued, Assert.IsType<Refused>(Decide(asked, Put(100) with { Draft = true }, Days.Start).Reply).Code);
        Assert.Equal(Problems.IdTaken, Assert.IsType<Refused>(Decide(asked, Put(100) with { Account = "other" }, Days.Start).Reply).Code);
    }

    [Fact]
    public void Put_ADraft_MayBeReplacedAndThenIssued()
    {
        var draft = Decide(Draft(), Put(250) with { Draft = true }, Days.Start).State;
        Assert.Equal(Some.Dollars(250), draft.Total);

        var issued = Decide(draft, Put(300), Days.Start);
        Assert.True(issued.State.IsIssuing);
        Assert.Equal(300, Assert.IsType<IssueInvoice>(Assert.Single(issued.Messages).Message).Content.Net);
    }

    [Theory]
    [InlineData("-1ms", false)]
    [InlineData("0ms", true)]
    [InlineData("1ms", true)]
    public void Put_DueBeforeNow_IsRefused(string due, bool isTaken)
    {
        var reply = Decide(new InvoiceState(), Put(100) with { Content = Some.Content(100, dueAt: Days.At(due)) }, Days.Start).Reply;
        Assert.Equal(isTaken, reply is Done);
    }

    [Fact]
    public void Finalize_TheSameKeyAgain_IsAReplay()
    {
        var finalized = Decide(Draft(), new FinalizeInvoice(Some.Key("k", "c")), Days.Start).State;

        Assert.True(Assert.IsType<Done>(Decide(finalized, new FinalizeInvoice(Some.Key("k", "c")), Days.Start).Reply).Replayed);
        Assert.Equal(Problems.IdempotencyMismatch, Assert.IsType<Refused>(Decide(finalized, new FinalizeInvoice(Some.Key("k", "d")), Days.Start).Reply).Code);
        Assert.Equal(Problems.InvoiceIssued, Assert.IsType<Refused>(Decide(finalized, new FinalizeInvoice(Some.Key("l", "c")), Days.Start).Reply).Code);
        Assert.Equal(Problems.NotFound, Assert.IsType<Refused>(Decide(new InvoiceState(), new FinalizeInvoice(null), Days.Start).Reply).Code);
    }

    [Fact]
    public void Attempts_ALaterWord_TakesThePlaceOfTheEarlier()
    {
        var first = new AttemptLine(Days.Start, "a", AttemptOutcome.Unknown, null, "I1~0", 1);
        var open = Decide(AfterRung0("0d"), new AttemptsMade([first]), Days.Start).State;
        var later = Decide(open, new AttemptsMade([first with { Outcome = AttemptOutcome.Declined }, first with { Ordinal = 2 }]), Days.Start).State;

        Assert.Equal([AttemptOutcome.Declined, AttemptOutcome.Unknown], later.Attempts.Select(attempt => attempt.Outcome));
    }

    private static PutInvoice Put(long amount) => new(Some.Account, null, true, Some.Usd, Some.Content(amount), Draft: false);

    private static InvoiceState Draft() => Decide(new InvoiceState(), Put(100) with { Draft = true }, Days.Start).State;

    private static InvoiceState AfterRung0(string ended)
    {
        var open = Decide(Draft(), Issued(firstRungAt: Days.Start), Days.Start).State;
        return Decide(open, new RungEnded(0, RungResult.Failed, Days.At(ended)), Days.At(ended)).State;
    }

    private static InvoiceIssued Issued(Instant firstRungAt) => new()
    {
        Number = "INV-000001",
        IssuedAt = Days.Start,
        DueAt = Days.Start,
        Total = Some.Dollars(100),
        Tax = Some.Dollars(0),
        Rules = new PolicyRef("p", 1),
        FirstRungAt = firstRungAt,
        RetryAfter = Offsets,
        StandingVersion = 1,
    };

    private static Decision<InvoiceState> Decide(InvoiceState state, Message message, Instant now) => InvoiceRules.Decide(state, message, now, "I1");
}
