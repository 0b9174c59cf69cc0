using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>What a gateway tells of a payment that we started: whose attempt it is, and what it changes.</summary>
public sealed class PaymentEventTests
{
    private const string Id = "I1~0";

    private static readonly MethodCandidate Card = new("a", "stripe", "pm_1", MethodKind.Card);

    [Fact]
    public void Capture_OfAnAttemptWhoseAnswerIsNotThere_IsItsOwn()
    {
        var state = Told(Started(), Event(GatewayFact.Succeeded, "pi_1", 2000));

        Assert.Equal((PaymentStatus.Succeeded, "pi_1", Usd(2000)), (state.Status, state.Newest!.Reference, state.Captured!.Value));
    }

    [Fact]
    public void Capture_ByAnotherGateway_IsNobodys() =>
        Assert.Equal(Problems.Unavailable, Assert.IsType<Refused>(Decide(Started(), Event(GatewayFact.Succeeded, "pi_1", 2000) with { Gateway = "paddle" }).Reply).Code);

    [Fact]
    public void Decline_AfterACapture_ChangesNothing()
    {
        var captured = Told(Started(), Event(GatewayFact.Succeeded, "pi_1", 2000));
        Assert.Same(captured, Told(captured, Event(GatewayFact.Declined, "pi_1")));
        Assert.Same(captured, Told(captured, Event(GatewayFact.Processing, "pi_1")));
        Assert.Same(captured, Told(captured, Event(GatewayFact.Succeeded, "pi_1", 2000)));
    }

    [Fact]
    public void Capture_AfterADecline_IsTaken()
    {
        var declined = Told(Started(), Event(GatewayFact.Declined, "pi_1") with { Code = "insufficient_funds" });
        Assert.Equal(PaymentStatus.Failed, declined.Status);
        Assert.Equal(PaymentStatus.Succeeded, Told(declined, Event(GatewayFact.Succeeded, "pi_1", 2000)).Status);
    }

    [Fact]
    public void Challenge_OfARung_IsLeftToTheGatewaysAnswer() => Assert.Equal(PaymentStatus.Submitting, Told(Started(), Event(GatewayFact.AwaitingCustomer, "pi_1")).Status);

    [Fact]
    public void RefundOrDispute_BeforeTheCapture_ComesAgain()
    {
        foreach (var fact in (GatewayFact[])[GatewayFact.Refunded, GatewayFact.RefundFailed, GatewayFact.DisputeOpened, GatewayFact.DisputeLost, GatewayFact.DisputeWon])
        {
            Assert.Equal(Problems.Unavailable, Assert.IsType<Refused>(Decide(Started(), Event(fact, "pi_1", 500)).Reply).Code);
        }
    }

    [Fact]
    public void Refunds_NamedAndInTotal_InAnyOrder_AreBookedOnce()
    {
        GatewayEvent[] words =
        [
            Event(GatewayFact.Refunded, "pi_1", 500) with { Part = "re_1" },
            Event(GatewayFact.Refunded, "pi_1", 300) with { Part = "re_2" },
            Event(GatewayFact.Refunded, "pi_1", 500) with { IsTotal = true },
            Event(GatewayFact.Refunded, "pi_1", 800) with { IsTotal = true },
        ];
        foreach (var order in Orders(words))
        {
            var state = Told(Started(), Event(GatewayFact.Succeeded, "pi_1", 2000));
            foreach (var word in order.Concat(order)) state = Told(state, word);
            Assert.Equal(800, state.Refunds.Sum(refund => refund.Amount!.Value.MinorUnits));
            Assert.All(state.Refunds, refund => Assert.True(refund.WasSent));
        }
    }

    [Fact]
    public void Dispute_ThatIsOver_IsNotOpenedByALateWord()
    {
        GatewayEvent opened = Event(GatewayFact.DisputeOpened, "pi_1", 2000) with { Part = "dp_1" }, won = opened with { Fact = GatewayFact.DisputeWon }, lost = opened with { Fact = GatewayFact.DisputeLost };
        var captured = Told(Started(), Event(GatewayFact.Succeeded, "pi_1", 2000));

        Assert.Null(Told(Told(captured, won), opened).DisputedAt);
        Assert.Null(Told(Told(Told(captured, opened), won), opened).DisputedAt);
        Assert.Null(Told(Told(captured, lost), opened).DisputedAt);
        Assert.NotNull(Told(Told(captured, won), opened with { Part = "dp_2" }).DisputedAt);
        Assert.Equal(Usd(2000), Told(Told(Told(captured, lost), lost), opened).Reversed);
    }

    [Fact]
    public void Dispute_LostWithNothingLeft_IsNotOpenedByALateWord()
    {
        GatewayEvent opened = Event(GatewayFact.DisputeOpened, "pi_1", 2000) with { Part = "dp_1" };
        var refunded = Settled(Told(Told(Started(), Event(GatewayFact.Succeeded, "pi_1", 2000)), Event(GatewayFact.Refunded, "pi_1", 2000) with { Part = "re_1" }));

        Assert.Null(Told(Told(Told(refunded, opened), opened with { Fact = GatewayFact.DisputeLost }), opened).DisputedAt);
    }

    [Fact]
    public void Refund_AfterOneThatFailed_IsBookedOnce()
    {
        GatewayEvent first = Event(GatewayFact.Refunded, "pi_1", 300) with { Part = "re_1" }, failed = first with { Fact = GatewayFact.RefundFailed };
        GatewayEvent total = Event(GatewayFact.Refunded, "pi_1", 300) with { IsTotal = true }, second = Event(GatewayFact.Refunded, "pi_1", 200) with { Part = "re_2" };
        foreach (var words in Orders([first, failed, total]))
        {
            var state = words.Aggregate(Sent(Told(Started(), Event(GatewayFact.Succeeded, "pi_1", 2000)), 300, "re_1"), Told);
            state = Told(Sent(state, 200, "re_2"), second);
            state = Told(Told(state, total with { Amount = Usd(200) }), total with { Amount = Usd(500) });

            Assert.Equal([(300, RefundStatus.Failed, false), (200, RefundStatus.Succeeded, false)], state.Refunds.Select(refund => ((int)refund.Amount!.Value.MinorUnits, refund.Status, refund.WasSent)));
        }
    }

    [Fact]
    public void Refunds_ThatFail_EachNeedAHuman()
    {
        var state = Sent(Sent(Told(Started(), Event(GatewayFact.Succeeded, "pi_1", 2000)), 300, "re_1"), 200, "re_2");
        foreach (var refund in (string[])["re_1", "re_2", "re_2"]) state = Told(state, Event(GatewayFact.RefundFailed, "pi_1") with { Part = refund });

        Assert.Equal(state.Refunds.Select(refund => refund.Id), state.Attention.Select(entry => entry.Subject));
    }

    [Fact]
    public void RefundFailed_OfOneToldInATotal_IsFoundInAnyOrder()
    {
        GatewayEvent named = Event(GatewayFact.Refunded, "pi_1", 300) with { Part = "re_1" }, failed = named with { Fact = GatewayFact.RefundFailed }, total = Event(GatewayFact.Refunded, "pi_1", 300) with { IsTotal = true };
        foreach (var words in Orders([named, failed, total]).Append([total, failed]))
        {
            // What comes too early is kept, and comes again.
            var state = words.Concat(words).Aggregate(Told(Started(), Event(GatewayFact.Succeeded, "pi_1", 2000)), (known, word) => Settled(Told(known, word)));

            Assert.Equal((Usd(300), RefundStatus.Failed, "re_1"), Assert.Single(state.Refunds.Select(refund => (refund.Amount!.Value, refund.Status, refund.Reference))));
            Assert.Equal("refund_failed", Assert.Single(state.Attention).Kind);
        }
    }

    [Fact]
    public void RefundFailed_OfAPartOfATotal_FailsThatPart()
    {
        var captured = Told(Started(), Event(GatewayFact.Succeeded, "pi_1", 2000));
        var state = Told(Settled(Told(captured, Event(GatewayFact.Refunded, "pi_1", 500) with { IsTotal = true })), Event(GatewayFact.RefundFailed, "pi_1", 300) with { Part = "re_1" });
        state = Told(state, Event(GatewayFact.Refunded, "pi_1", 200) with { Part = "re_2" });

        Assert.Equal([(Usd(200), RefundStatus.Succeeded, "re_2"), (Usd(300), RefundStatus.Failed, "re_1")], state.Refunds.Select(refund => (refund.Amount!.Value, refund.Status, refund.Reference)));
    }

    [Fact]
    public void RefundFailed_BeforeTheAnswerToOurs_ComesAgain()
    {
        var state = Asked(Told(Started(), Event(GatewayFact.Succeeded, "pi_1", 2000)), 300);
        var failed = Event(GatewayFact.RefundFailed, "pi_1", 300) with { Part = "re_1" };

        Assert.Equal(Problems.Unavailable, Assert.IsType<Refused>(Decide(state, failed).Reply).Code);
        Assert.Equal(RefundStatus.Failed, Told(Answered(state, "re_1"), failed).Refunds[0].Status);
    }

    [Theory]
    [InlineData(GatewayMode.Live, true, false)]
    [InlineData(GatewayMode.Live, false, true)]
    [InlineData(GatewayMode.Test, true, true)]
    [InlineData(GatewayMode.Test, false, false)]
    [InlineData(GatewayMode.Either, true, true)]
    [InlineData(GatewayMode.Either, false, true)]
    public void Mode_TouchesItsOwnKindOfAccounts(GatewayMode mode, bool isTest, bool touches) => Assert.Equal(touches, PaymentEvents.Touches(mode, isTest));

    private static Money Usd(long amount) => new(amount, Currency.Parse("USD"));

    private static GatewayEvent Event(GatewayFact fact, string charge, long? amount = null) =>
        new() { Gateway = "stripe", Id = $"evt_{fact}_{charge}_{amount}", Type = "test", Fact = fact, Object = charge, Payment = Id, Amount = amount is { } units ? Usd(units) : null, Mode = GatewayMode.Live };

    private static PaymentState Started() => PaymentRules.Decide(
        new PaymentState(), new StartPayment { Account = "A", Amount = Usd(2000), Invoices = ["I1"], Candidates = [Card] }, Days.Start, Id).State;

    private static Decision<PaymentState> Decide(PaymentState state, GatewayEvent told) => PaymentRules.Decide(state, new GatewayTold(told), Days.Start + Duration.FromMinutes(1), Id);

    private static PaymentState Told(PaymentState state, GatewayEvent told) => Decide(state, told).State;

    private static PaymentState Decide(PaymentState state, Message message) => PaymentRules.Decide(state, message, Days.Start + Duration.FromMinutes(1), Id).State;

    /// <summary>A refund of ours, which the account allows and the gateway has not answered yet.</summary>
    private static PaymentState Asked(PaymentState state, long amount) => Settled(Decide(state, new RefundPayment(Usd(amount), null, Reopen: false, null, Some.Key($"key-{state.Refunds.Length}"))));

    private static PaymentState Answered(PaymentState state, string reference) => Decide(state, new RefundAnswered(state.Refunds[^1].Id, AttemptOutcome.Succeeded, reference, null));

    private static PaymentState Sent(PaymentState state, long amount, string reference) => Answered(Asked(state, amount), reference);

    /// <summary>The account has decided about each refund that it was asked.</summary>
    private static PaymentState Settled(PaymentState state) => state.Refunds.Where(refund => refund.Status == RefundStatus.Asked)
        .Aggregate(state, (known, refund) => Decide(known, new RefundDecided(refund.Id, refund.Amount!.Value, null, 5)));

    private static IEnumerable<ImmutableArray<T>> Orders<T>(IReadOnlyList<T> items) => items.Count == 0
        ? [[]]
        : items.SelectMany((item, i) => Orders(items.Where((_, j) => j != i).ToArray()).Select(rest => rest.Insert(0, item)));
}
