using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>One payment: unknown and its questions, the order of outcomes, errors, recovery, names.</summary>
public sealed class PaymentRulesTests
{
    private const string Id = "I1~0";

    private static readonly MethodCandidate A = new("a", "sandbox", "tok-a", MethodKind.Card);

    private static readonly MethodCandidate B = new("b", "sandbox", "tok-b", MethodKind.Bank);

    [Fact]
    public void Unknown_IsAskedOnTheHousesSchedule()
    {
        var state = After(Started(A), Answer(1, AttemptOutcome.Unknown));
        var asked = new List<Duration>();
        while (asked.Count < 9)
        {
            var due = PaymentRules.Due(state)!.Value;
            asked.Add(due - Days.Start);
            var decision = Decide(state, new Wake(), due);
            Assert.Equal(new AskGateway(1), Assert.Single(decision.Messages).Message);
            state = Decide(decision.State, Answer(1, AttemptOutcome.Unknown, asked: true), due).State;
        }

        Assert.Equal(["1m", "5m", "15m", "30m", "2h", "6h", "18h", "30h", "42h"], asked.Select(Text));
        Assert.Equal(PaymentStatus.Unknown, state.Status);
    }

    [Theory]
    [InlineData("10m30s-1ms", false)]
    [InlineData("10m30s", true)]
    [InlineData("15m", true)]
    public void Absent_BelievedTenMinutesAfterItCanLastHaveBeenSent(string at, bool isBelieved)
    {
        var unknown = After(Started(A), Answer(1, AttemptOutcome.Unknown));
        var decision = Decide(unknown, Answer(1, AttemptOutcome.NotCaptured, asked: true), Days.At(at));

        Assert.Equal(isBelieved ? 2 : 1, decision.State.Attempts.Length);
        Assert.Equal(isBelieved ? PaymentStatus.Submitting : PaymentStatus.Unknown, decision.State.Status);
    }

    [Fact]
    public void Absent_Once_TheSameMethodIsTriedAgainUnderTheNextOrdinal()
    {
        var state = Absent(Started(A, B), 1, "15m");

        Assert.Equal([A, A], state.Attempts.Select(attempt => attempt.Candidate));
        Assert.Equal(2, state.Newest!.Ordinal);
    }

    [Fact]
    public void Absent_Twice_GoesOnWithTheNextMethod()
    {
        var state = Absent(Absent(Started(A, B), 1, "15m"), 2, "30m");

        Assert.Equal([A, A, B], state.Attempts.Select(attempt => attempt.Candidate));
        Assert.Equal(PaymentStatus.Submitting, state.Status);
    }

    [Fact]
    public void Absent_TwiceWithTheLastMethod_EndedAtItsFirstSubmission()
    {
        var state = Absent(Absent(Started(A), 1, "15m"), 2, "30m");

        Assert.Equal(PaymentStatus.Failed, state.Status);
        Assert.Equal(Days.Start, state.EndedAt);
        Assert.Null(PaymentRules.Due(state));
    }

    [Fact]
    public void Absent_ByHand_Fails()
    {
        var state = Decide(new PaymentState(), Start(A) with { IsRung = false, ByHand = true }, Days.Start).State;
        Assert.Equal(PaymentStatus.Failed, Absent(state, 1, "15m").Status);
    }

    /// <summary>Every order in which a gateway's words may come; what is stronger stands.</summary>
    public static TheoryData<string, string> Orders() => new()
    {
        { "Unknown,Processing", "Processing" },
        { "Processing,Unknown", "Processing" },
        { "Processing,Succeeded", "Succeeded" },
        { "Unknown,Succeeded", "Succeeded" },
        { "Unknown,Declined", "Failed" },
        { "Processing,Declined", "Failed" },
        { "Declined,Processing", "Failed" },
        { "Declined,Unknown", "Failed" },
        { "Declined,Succeeded", "Succeeded" },
        { "Succeeded,Declined", "Succeeded" },
        { "Succeeded,Processing", "Succeeded" },
        { "Succeeded,Unknown", "Succeeded" },
        { "Succeeded,Error", "Succeeded" },
        { "Declined,Succeeded,Declined", "Succeeded" },
        { "Error,Succeeded", "Succeeded" },
        { "Succeeded,Succeeded", "Succeeded" },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public void Outcomes_InAnyOrder_TheStrongestStands(string words, string status)
    {
        var state = Started(A);
        foreach (var word in words.Split(',')) state = After(state, Report(1, Enum.Parse<AttemptOutcome>(word)));

        Assert.Equal(Enum.Parse<PaymentStatus>(status), state.Status);
        Assert.Equal(status == "Succeeded" ? Some.Dollars(100) : null, state.Captured);
    }

    [Theory]
    [InlineData(AttemptOutcome.Succeeded)]
    [InlineData(AttemptOutcome.Declined)]
    [InlineData(AttemptOutcome.Processing)]
    [InlineData(AttemptOutcome.Unknown)]
    public void Outcome_SaidTwice_ChangesNothing(AttemptOutcome outcome)
    {
        var state = After(Started(A), Report(1, outcome));
        var again = Decide(state, Report(1, outcome), Days.At("1m"));

        Assert.True(again.ChangesNothing(state));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(-1)]
    public void Outcome_OfAnAttemptThatNeverWas_ChangesNothing(int ordinal)
    {
        var state = Started(A);
        Assert.True(Decide(state, Report(ordinal, AttemptOutcome.Succeeded), Days.Start).ChangesNothing(state));
    }

    [Fact]
    public void Captured_IsWhatTheGatewaySays()
    {
        var state = After(Started(A), Report(1, AttemptOutcome.Succeeded) with { Amount = Some.Dollars(40) });
        Assert.Equal(Some.Dollars(40), state.Captured);
    }

    [Fact]
    public void Captured_AnEarlierAttemptWhileALaterOneIsUnderWay_TheLaterOneIsStillAskedFor()
    {
        var state = After(Absent(Started(A), 1, "15m"), Report(1, AttemptOutcome.Succeeded));
        Assert.Equal(PaymentStatus.Succeeded, state.Status);

        state = Decide(state, Answer(2, AttemptOutcome.Unknown), Days.At("15m")).State;
        Assert.Equal(PaymentStatus.Succeeded, state.Status);
        Assert.Equal(Days.At("16m"), PaymentRules.Due(state));
        var asked = Decide(state, new Wake(), Days.At("16m"));
        Assert.Equal(new AskGateway(2), Assert.Single(asked.Messages).Message);

        var twice = Decide(asked.State, Answer(2, AttemptOutcome.Succeeded, asked: true), Days.At("16m"));
        Assert.Equal(Some.Dollars(200), twice.State.Captured);
        Assert.Empty(Assert.IsType<PaymentReported>(Assert.Single(twice.Messages).Message).Invoices);
        Assert.Null(PaymentRules.Due(twice.State));
    }

    [Fact]
    public void Captured_AnEarlierAttemptAndTheLaterOneDeclined_IsOver()
    {
        var state = After(Absent(Started(A, B), 1, "15m"), Report(1, AttemptOutcome.Succeeded));
        state = After(state, Answer(2, AttemptOutcome.Declined));

        Assert.Equal(PaymentStatus.Succeeded, state.Status);
        Assert.Equal(2, state.Attempts.Length);
        Assert.Null(PaymentRules.Due(state));
    }

    [Fact]
    public void Error_InARung_IsTriedAgainAfterLongerAndLongerWaits()
    {
        var state = Started(A);
        var waits = new List<Duration>();
        for (var i = 1; i <= 10; i++)
        {
            var submitted = state.Newest!.SubmittedAt;
            state = Decide(state, Answer(i, AttemptOutcome.Error), submitted).State;
            Assert.Equal(PaymentStatus.Created, state.Status);
            var due = PaymentRules.Due(state)!.Value;
            waits.Add(due - submitted);
            Assert.IsType<ResumePayment>(Assert.Single(Decide(state, new Wake(), due).Messages).Message);
            state = Decide(state, new PaymentResumed(Some.Dollars(100), [A], ["I1"]), due).State;
        }

        Assert.Equal(["5m", "10m", "20m", "40m", "80m", "160m", "320m", "6h", "6h", "6h"], waits.Select(Text));
    }

    [Fact]
    public void Error_ByHand_FailsAndTheSameCallMayBeMadeAgain()
    {
        var start = Start(A) with { IsRung = false, ByHand = true, Content = "c" };
        var failed = After(Decide(new PaymentState(), start, Days.Start).State, Answer(1, AttemptOutcome.Error));
        Assert.True(failed.FailedByError);

        var other = Decide(failed, start with { Content = "d" }, Days.Start);
        Assert.True(Assert.IsType<PaymentReported>(Assert.Single(other.Messages).Message).NameTaken);
        var again = Decide(failed, start, Days.Start).State;
        Assert.Equal(2, again.Newest!.Ordinal);
        Assert.Equal(PaymentStatus.Submitting, again.Status);
    }

    [Fact]
    public void Start_ANameThatExists_StartsNothing()
    {
        var state = Started(A);
        var again = Decide(state, Start(B), Days.At("1d"));

        Assert.Same(state, again.State);
        Assert.True(Assert.IsType<PaymentReported>(Assert.Single(again.Messages).Message).NameTaken);
    }

    [Fact]
    public void Start_ARungThatAnErrorEnded_StartsNothing()
    {
        var state = Decide(After(Started(A), Answer(1, AttemptOutcome.Error)), new PaymentReleased(1, Cancelled: true), Days.Start).State;
        Assert.Equal(PaymentStatus.Failed, state.Status);

        Assert.True(Assert.IsType<PaymentReported>(Assert.Single(Decide(state, Start(A), Days.At("1d")).Messages).Message).NameTaken);
    }

    [Fact]
    public void Recover_FoundSubmitting_IsUnknownAndNeverSentAgain()
    {
        var recovered = Decide(Started(A), new Recover(), Days.At("3h"));

        Assert.Equal(PaymentStatus.Unknown, recovered.State.Status);
        Assert.DoesNotContain(recovered.Messages, message => message.Message is SubmitAttempt);
        Assert.Equal(Days.At("6h"), PaymentRules.Due(recovered.State));
    }

    [Fact]
    public void Recover_OfWhatWasHeldUpByACrash_CountsFromTheTrueSubmission()
    {
        // Stored a week after the sender's instant: the request may still be on its way when the old one is long past.
        var recovered = Decide(Started(A), new Recover(Days.At("7d")), Days.At("0d")).State;
        Assert.Equal(Days.At("7d1m"), PaymentRules.Due(recovered));

        var early = Decide(recovered, Answer(1, AttemptOutcome.NotCaptured, asked: true), Days.At("7d5m")).State;
        Assert.Equal(PaymentStatus.Unknown, early.Status);
        Assert.Equal(AttemptOutcome.NotCaptured, Decide(early, Answer(1, AttemptOutcome.NotCaptured, asked: true), Days.At("7d15m")).State.Attempts[0].Outcome);
    }

    [Fact]
    public void Recover_AQuestionWasUnderWay_IsAskedAgain()
    {
        var asking = Decide(After(Started(A), Answer(1, AttemptOutcome.Unknown)), new Wake(), Days.At("1m")).State;
        Assert.True(PaymentRules.NeedsRecovery(asking));

        Assert.Equal(Days.At("2m"), PaymentRules.Due(Decide(asking, new Recover(), Days.At("2m")).State));
    }

    [Fact]
    public void Decline_WithAnotherMethodLeft_GoesOn()
    {
        var state = After(Started(A, B), Answer(1, AttemptOutcome.Declined));

        Assert.Equal(B, state.Newest!.Candidate);
        Assert.Equal(PaymentStatus.Submitting, state.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Capture_WhileTheNextMethodsCardIsAsked_SubmitsNothingMore(bool allowed)
    {
        var counted = B with { Kind = MethodKind.Card, Fingerprint = "fp" };
        var asking = After(Started(A with { Fingerprint = "fp" }, counted), Answer(1, AttemptOutcome.Declined));
        Assert.NotNull(asking.Question);

        var captured = After(asking, Answer(1, AttemptOutcome.Succeeded));
        var answered = Decide(captured, new CeilingAnswered(2, "fp", allowed, allowed ? null : Days.At("9d")), Days.At("1s"));
        Assert.Equal(PaymentStatus.Succeeded, answered.State.Status);
        Assert.Single(answered.State.Attempts);
        Assert.Empty(answered.Messages);
    }

    [Fact]
    public void Summary_AnEarlierAttemptIsCapturedLate_IsFoundByEachOfItsReferences()
    {
        var state = After(Started(A, B), Answer(1, AttemptOutcome.Declined) with { Reference = "pi_1" });
        Assert.Equal("pi_1", PaymentRules.Reference(After(Started(A), Answer(1, AttemptOutcome.Declined) with { Reference = "pi_1" })));
        state = After(state, Answer(2, AttemptOutcome.Processing) with { Reference = "pi_2" });
        Assert.Equal("pi_2", PaymentRules.Reference(state));

        var summary = PaymentRules.Summary(After(state, Report(1, AttemptOutcome.Succeeded) with { Reference = "pi_1" }));

        Assert.Equal("pi_1", (string?)summary["gateway_reference"]);
        Assert.Equal(["pi_1", "pi_2"], summary["gateway_references"]!.AsArray().Select(reference => (string)reference!));
    }

    [Fact]
    public void Start_NothingToCharge_SucceedsWithoutASubmission()
    {
        var decision = Decide(new PaymentState(), Start() with { Amount = Some.Dollars(0), IsRung = false, ByHand = true }, Days.Start);

        Assert.Equal(PaymentStatus.Succeeded, decision.State.Status);
        Assert.IsType<PaymentReported>(Assert.Single(decision.Messages).Message);
    }

    private static string Text(Duration wait) =>
        new[] { "1m", "5m", "10m", "15m", "20m", "30m", "40m", "80m", "2h", "160m", "320m", "6h", "18h", "30h", "42h" }.FirstOrDefault(text => Days.Parse(text) == wait) ?? wait.ToString();

    private static StartPayment Start(params ImmutableArray<MethodCandidate> candidates) =>
        new() { Account = Some.Account, Amount = Some.Dollars(100), Invoices = ["I1"], Candidates = candidates, IsRung = true };

    private static PaymentState Started(params ImmutableArray<MethodCandidate> candidates) => Decide(new PaymentState(), Start(candidates), Days.Start).State;

    private static PaymentState Absent(PaymentState state, int ordinal, string at)
    {
        state = Decide(state, Answer(ordinal, AttemptOutcome.Unknown), state.Newest!.SubmittedAt).State;
        return Decide(state, Answer(ordinal, AttemptOutcome.NotCaptured, asked: true), Days.At(at)).State;
    }

    private static PaymentState After(PaymentState state, Message message) => Decide(state, message, state.Newest!.SubmittedAt).State;

    private static GatewayAnswered Answer(int ordinal, AttemptOutcome outcome, bool asked = false) =>
        new(ordinal, outcome, asked, Amount: outcome == AttemptOutcome.Succeeded ? Some.Dollars(100) : null);

    private static GatewayReported Report(int ordinal, AttemptOutcome outcome) =>
        new("event", ordinal, outcome, null, outcome == AttemptOutcome.Succeeded ? Some.Dollars(100) : null, null, null);

    private static Decision<PaymentState> Decide(PaymentState state, Message message, Instant now) => PaymentRules.Decide(state, message, now, Id);
}
