using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>A charge that is made before it moves money, and a submission that waits for its turn at the gateway.</summary>
public sealed class PaymentTurnTests
{
    private const string Id = "I1~0";

    private static readonly MethodCandidate A = new("a", "stripe", "tok-a", MethodKind.Card);
    private static readonly MethodCandidate B = new("b", "stripe", "tok-b", MethodKind.Card);

    [Fact]
    public void Created_ItsIdIsStoredWithTheWriteThatConfirmsIt()
    {
        var decision = Decide(Started(A), Made(1), Days.At("1s"));

        Assert.Equal(new Outgoing(Outgoing.Gateway, new ConfirmAttempt(1)), Assert.Single(decision.Messages));
        Assert.Equal((AttemptOutcome.Submitting, "pi_1"), (decision.State.Newest!.Outcome, decision.State.Newest.Reference));
        Assert.Equal(PaymentStatus.Submitting, decision.State.Status);
    }

    [Fact]
    public void Created_SaidAgain_IsConfirmedOnce()
    {
        var confirmed = Decide(Started(A), Made(1), Days.At("1s")).State with { };
        var unknown = Decide(confirmed, new Recover(), Days.At("2s")).State;

        Assert.Equal(AttemptOutcome.Unknown, unknown.Newest!.Outcome);
        Assert.Empty(Decide(unknown, Made(1), Days.At("3s")).Messages);
    }

    [Fact]
    public void Created_AndNobodyWantsItAnyMore_IsCancelledAndMovesNoMoney()
    {
        var stopped = Decide(Started(A), new StopPayment(), Days.Start).State;
        var decision = Decide(stopped, Made(1), Days.At("1s"));
        Assert.Equal(new CancelAttempt(1), Assert.Single(decision.Messages).Message);

        var ended = Decide(decision.State, new GatewayAnswered(1, AttemptOutcome.Cancelled, Asked: true), Days.At("2s")).State;
        Assert.Equal(PaymentStatus.Cancelled, ended.Status);
    }

    [Fact]
    public void NotSent_IsNoSubmission_AndIsMadeUnderTheSameOrdinalWhenItsTurnComes()
    {
        var waiting = Decide(Started(A), NotSent(1, "10m"), Days.At("30s"));
        Assert.Empty(waiting.State.Attempts);
        Assert.Empty(waiting.Messages);
        Assert.Equal((PaymentStatus.Submitting, Days.At("10m")), (waiting.State.Status, PaymentRules.Due(waiting.State)!.Value));

        var again = Decide(waiting.State, new Wake(), Days.At("10m"));
        Assert.Equal(new SubmitAttempt(1), Assert.Single(again.Messages).Message);
        Assert.Equal(Days.At("10m"), again.State.Newest!.SubmittedAt);
    }

    [Fact]
    public void NotSent_SurvivesACrash_WithoutBecomingUnknown()
    {
        var waiting = Decide(Started(A), NotSent(1, "10m"), Days.At("30s")).State;

        Assert.False(PaymentRules.NeedsRecovery(waiting));
        Assert.Empty(Decide(waiting, new Recover(), Days.At("1m")).Messages);
    }

    [Fact]
    public void NotSent_KeepsThePlaceInTheLine()
    {
        var once = Decide(Started(A), NotSent(1, "10m"), Days.At("30s")).State;
        var twice = Decide(Decide(once, new Wake(), Days.At("10m")).State, NotSent(1, "20m"), Days.At("10m30s")).State;

        Assert.Equal(once.InLineSince, twice.InLineSince);
        Assert.Null(Decide(Decide(twice, new Wake(), Days.At("20m")).State, new GatewayAnswered(1, AttemptOutcome.Succeeded, Asked: false), Days.At("21m")).State.InLineSince);
    }

    [Fact]
    public void NotSent_AndGivenUpMeanwhile_EndsAtOnce()
    {
        var waiting = Decide(Started(A), NotSent(1, "10m"), Days.At("30s")).State;

        var ended = Decide(waiting, new StopPayment(), Days.At("1m"));

        Assert.Equal(PaymentStatus.Cancelled, ended.State.Status);
        Assert.DoesNotContain(ended.Messages, message => message.To == Outgoing.Gateway);
    }

    [Fact]
    public void NotSent_AndPassedOverMeanwhile_GoesOnWithTheNextMethod()
    {
        var waiting = Decide(Started(A, B), NotSent(1, "10m"), Days.At("30s")).State;
        var passed = Decide(waiting, new PassOver("a", "tok-a"), Days.At("1m")).State;

        Assert.Equal(B, Decide(passed, new Wake(), Days.At("10m")).State.Newest!.Candidate);
    }

    [Fact]
    public void ConfirmNotSent_KeepsItsIdAndIsConfirmedLater()
    {
        var made = Decide(Started(A), Made(1), Days.At("1s")).State;
        var waiting = Decide(made, NotSent(1, "10m"), Days.At("31s")).State;
        Assert.Equal((AttemptOutcome.Created, "pi_1"), (waiting.Newest!.Outcome, waiting.Newest.Reference));
        Assert.False(PaymentRules.NeedsRecovery(waiting));

        var again = Decide(waiting, new Wake(), Days.At("10m"));
        Assert.Equal(new ConfirmAttempt(1), Assert.Single(again.Messages).Message);
    }

    [Fact]
    public void OurLateness_IsNotTheSubmissions()
    {
        var state = Decide(Started(A), new GatewayAnswered(1, AttemptOutcome.Unknown, Asked: false, SentAt: Days.At("20s")), Days.At("40s")).State;

        Assert.Equal(Days.At("20s"), state.Newest!.SubmittedAt);
        Assert.Equal(Days.At("1m20s"), PaymentRules.Due(state));
    }

    private static GatewayAnswered Made(int ordinal) => new(ordinal, AttemptOutcome.Created, Asked: false, $"pi_{ordinal}");

    private static GatewayAnswered NotSent(int ordinal, string turn) => new(ordinal, AttemptOutcome.NotSent, Asked: false, TurnAt: Days.At(turn));

    private static PaymentState Started(params MethodCandidate[] methods) => Decide(new PaymentState(), new StartPayment
    {
        Account = Some.Account,
        Amount = Some.Dollars(2000),
        Invoices = ["I1"],
        Candidates = [.. methods],
        IsRung = true,
    }, Days.Start).State;

    private static Decision<PaymentState> Decide(PaymentState state, Message message, Instant now) => PaymentRules.Decide(state, message, now, Id);
}
