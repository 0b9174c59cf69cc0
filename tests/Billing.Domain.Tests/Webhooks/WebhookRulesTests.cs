using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain.Tests.Webhooks;

/// <summary>What an endpoint decides: what is sent next, when again, and when no more.</summary>
public sealed class WebhookRulesTests
{
    private static readonly WebhookSecret s_first = new("whsec_Zmlyc3Q=", null);
    private static readonly WebhookSecret s_second = new("whsec_c2Vjb25k", null);

    [Fact]
    public void Put_ANewOne_BeginsAfterTheHead_AndNeedsAllThatItIs()
    {
        var made = Decide(new WebhookState(), Put(head: 41)).State;

        Assert.Equal((41L, 41L, true), (made.Read, made.Cursor, made.IsEnabled));
        Assert.Equal([s_first], made.Secrets.AsEnumerable());
        Assert.IsType<Refused>(Decide(new WebhookState(), new PutWebhookEndpoint("https://a.example", null, null, s_first, 0)).Reply);
        Assert.IsType<Refused>(Decide(new WebhookState(), new PutWebhookEndpoint(null, ["*"], null, s_first, 0)).Reply);
    }

    [Fact]
    public void Put_Again_KeepsSecretAndPlace_AndTheSameChangesNothing()
    {
        var made = Reading((5, "a")).State;
        var again = Decide(made, Put(head: 99) with { Secret = s_second });

        Assert.Same(made, again.State);
        Assert.True(Assert.IsType<Done>(again.Reply).Replayed);
        var moved = Decide(made, Put() with { Url = "https://other.example", Secret = s_second }).State;
        Assert.Equal(("https://other.example", 5L), (moved.Url, moved.Read));
        Assert.Equal([s_first], moved.Secrets.AsEnumerable());
    }

    [Fact]
    public void Read_EachAccountHasOneEventOnItsWay()
    {
        var state = Reading((3, "a"), (4, "b"), (7, "a"), (9, ""), (12, "a")).State;

        Assert.Equal(["a", "b", ""], state.Lanes.Select(lane => lane.Id));
        Assert.Equal([(2L, 12L), (3L, 4L), (8L, 9L)], state.Lanes.Select(lane => (lane.Delivered, lane.Last)));
        Assert.Equal((12L, 2L), (state.Read, state.Cursor));
        Assert.Equal(Days.Start + WebhookLimits.SendingLease, WebhookRules.Due(state));
    }

    [Fact]
    public void Read_MoreAccountsThanLanes_StopsBeforeTheFirstThatHasNone()
    {
        var state = Reading([.. Enumerable.Range(1, WebhookLimits.Lanes + 1).Select(i => ((long)i, $"a{i}"))]).State;

        Assert.Equal((WebhookLimits.Lanes, (long)WebhookLimits.Lanes), (state.Lanes.Length, state.Read));
        var next = Tell(state, page: new FeedPage(state.Read, 200, [new FeedEvent(101, "a101")]), attempts: [Delivered("a7", 7)]).State;
        Assert.Equal((WebhookLimits.Lanes, 200L), (next.Lanes.Length, next.Read));
        Assert.NotNull(next.Lanes.Find("a101"));
    }

    [Fact]
    public void Read_APageOfAnotherPlace_IsIgnored() => Assert.Equal(0, Tell(Made(), page: new FeedPage(5, 9, [new FeedEvent(7, "a")])).State.Read);

    [Fact]
    public void Delivered_TheNextOfTheAccountFollows_AndTheLastOneFreesTheLane()
    {
        var state = Reading((3, "a"), (7, "a")).State;

        state = Tell(state, attempts: [Delivered("a", 3)]).State;
        Assert.Equal((3L, 7L, true), (state.Lanes[0].Delivered, state.Lanes[0].Last, state.Lanes[0].IsSending));
        state = Tell(state, attempts: [Delivered("a", 7)]).State;
        Assert.Empty(state.Lanes);
        Assert.Equal(7, state.Cursor);
        Assert.Null(WebhookRules.Due(state));
    }

    [Fact]
    public void Delivered_ToldTwice_CountsOnce()
    {
        var state = Tell(Reading((3, "a"), (7, "a"), (9, "a")).State, attempts: [Delivered("a", 3), Delivered("a", 7)]).State;

        Assert.Same(state, Tell(state, attempts: [Delivered("a", 3), Failed("a", 7)]).State);
    }

    [Fact]
    public void Failed_ItWaits_AndNobodyElse()
    {
        var state = Tell(Reading((3, "a"), (4, "b")).State, attempts: [Failed("a", 3)]).State;

        Assert.Equal((1, false, Days.Start + Duration.FromSeconds(5)), (state.Lanes[0].Failures, state.Lanes[0].IsSending, state.Lanes[0].At));
        Assert.True(state.Lanes[1].IsSending);
        Assert.Equal(2, state.Cursor);
        var due = Decide(state, new Wake(), Days.Start + Duration.FromSeconds(5)).State;
        Assert.True(due.Lanes[0].IsSending);
        Assert.Same(state, Decide(state, new Wake(), Days.Start + Duration.FromMilliseconds(4_999)).State);
    }

    [Theory]
    [InlineData(1, "5s")]
    [InlineData(2, "5m")]
    [InlineData(3, "30m")]
    [InlineData(4, "2h")]
    [InlineData(5, "5h")]
    [InlineData(6, "10h")]
    [InlineData(7, "14h")]
    [InlineData(8, "20h")]
    [InlineData(9, "24h")]
    public void Schedule_IsThatOfStandardWebhooks(int failures, string wait)
    {
        var exact = Days.At(wait) - Days.Start;

        Assert.Equal(exact, WebhookSchedule.Standard.After(failures, jitter: 0, retryAfter: null));
        Assert.Equal(exact * 1.2, WebhookSchedule.Standard.After(failures, jitter: 1_000, retryAfter: null));
        Assert.Equal(exact * 1.1, WebhookSchedule.Standard.After(failures, jitter: 500, retryAfter: null));
    }

    [Fact]
    public void Schedule_AfterTenFailures_IsExhausted() => Assert.Null(WebhookSchedule.Standard.After(10, 0, Duration.FromDays(1)));

    [Theory]
    [InlineData(1, 3_600, 3_600)]
    [InlineData(1, 4, 5)]
    [InlineData(1, 86_400, 86_400)]
    [InlineData(1, 86_401, 86_400)]
    [InlineData(9, 60, 86_400)]
    public void Schedule_RetryAfter_LengthensTheWait_AndNeverShortensIt(int failures, int asked, int waited) =>
        Assert.Equal(Duration.FromSeconds(waited), WebhookSchedule.Standard.After(failures, jitter: 0, Duration.FromSeconds(asked)));

    [Fact]
    public void Exhausted_DisablesAndAsksForAHuman_AndEnabledAgainItGoesOnWhereItStopped()
    {
        var state = Reading((3, "a"), (4, "b"), (8, "a")).State;
        var at = Days.Start;
        for (var i = 1; i < 10; i++)
        {
            state = Tell(state, attempts: [Failed("a", 3)], at: at).State;
            Assert.Null(state.Disabled);
            at = WebhookRules.Due(state with { Lanes = [state.Lanes[0]] })!.Value;
            state = Decide(state, new Wake(), at).State;
        }

        var exhausted = Tell(state, attempts: [Failed("a", 3)], at: at);
        state = exhausted.State;
        Assert.Equal(WebhookDisabledReason.Exhausted, state.Disabled!.Reason);
        Assert.Equal("attention.raised", Assert.Single(exhausted.Events).Type);
        Assert.Equal("webhook_disabled", Assert.Single(state.Attention).Kind);
        Assert.Null(WebhookRules.Due(state));
        Assert.Same(state, Tell(state, page: new FeedPage(8, 20, [new FeedEvent(20, "c")]), at: at).State);
        Assert.Same(state, Tell(state, attempts: [Failed("b", 4)], at: at).State);

        var enabled = Decide(state, new PutWebhookEndpoint(null, null, Enabled: true, s_second, 99), at);
        Assert.Equal(["attention.resolved", "webhook_endpoint.set"], enabled.Events.Select(recorded => recorded.Type));
        Assert.All(enabled.State.Lanes, lane => Assert.Equal((true, 0), (lane.IsSending, lane.Failures)));
        Assert.Equal((8L, 2L), (enabled.State.Read, enabled.State.Cursor));
        Assert.Equal(state.Run + 1, enabled.State.Run);
    }

    [Fact]
    public void Gone_DisablesAtOnce()
    {
        var state = Tell(Reading((3, "a"), (4, "b")).State, attempts: [new WebhookAttempt("a", 3, WebhookOutcome.Gone, null, 0), Delivered("b", 4)]).State;

        Assert.Equal(WebhookDisabledReason.Gone, state.Disabled!.Reason);
        Assert.Equal("a", Assert.Single(state.Lanes).Id);
    }

    [Fact]
    public void DisabledByAnOperator_NeedsNoHuman()
    {
        var state = Decide(Made(), new PutWebhookEndpoint(null, null, Enabled: false, s_second, 0)).State;

        Assert.Equal(WebhookDisabledReason.Operator, state.Disabled!.Reason);
        Assert.Empty(state.Attention);
    }

    [Fact]
    public void Throttled_TheWholeEndpointIsQuiet_ForAtMostAnHour()
    {
        var state = Tell(Reading((3, "a"), (4, "b"), (5, "b"), (6, "c")).State, attempts: [new WebhookAttempt("a", 3, WebhookOutcome.Throttled, Duration.FromSeconds(90), 0)]).State;

        Assert.Equal(Days.Start + Duration.FromSeconds(90), state.QuietUntil);
        // What is on its way ends; nothing more begins.
        state = Tell(state, attempts: [Delivered("b", 4)], page: new FeedPage(6, 9, [new FeedEvent(9, "d")])).State;
        Assert.Equal([false, false, true], state.Lanes.Select(lane => lane.IsSending));
        Assert.Equal(6, state.Read);
        Assert.False(Decide(state, new Wake(), Days.Start + Duration.FromSeconds(89)).State.Lanes[1].IsSending);
        Assert.All(Decide(state, new Wake(), Days.Start + Duration.FromSeconds(90)).State.Lanes, lane => Assert.True(lane.IsSending));
        var longer = Tell(Reading((3, "a")).State, attempts: [new WebhookAttempt("a", 3, WebhookOutcome.Throttled, Duration.FromDays(2), 0)]).State;
        Assert.Equal(Days.Start + WebhookLimits.LongestQuiet, longer.QuietUntil);
    }

    [Fact]
    public void Replay_BeginsAfterTheNumber_AndForgetsWhatIsOnItsWay()
    {
        var before = Reading((3, "a"), (4, "b")).State;
        var state = Decide(before, new ReplayWebhooks(1, Key: null)).State;

        Assert.Equal((1L, 1L, before.Run + 1), (state.Read, state.Cursor, state.Run));
        Assert.Same(state, Tell(state, attempts: [Delivered("a", 3)], run: before.Run).State);
    }

    [Fact]
    public void Filter_OtherEvents_WhatIsNoLongerWantedFreesItsLane()
    {
        var state = Decide(Reading((3, "a"), (7, "a")).State, Put() with { Events = ["invoice.*"] }).State;

        Assert.Empty(Tell(state, attempts: [new WebhookAttempt("a", 7, WebhookOutcome.NothingLeft, null, 0)]).State.Lanes);
    }

    [Fact]
    public void Rotate_TheOldSecretSignsForADay_AndAFifthIsRefused()
    {
        var state = Decide(Made(), new RotateWebhookSecret(s_second, null)).State;

        Assert.Equal([new WebhookSecret(s_first.Key, Days.Start + Duration.FromHours(24)), s_second], state.Secrets.AsEnumerable());
        for (var i = 2; i < WebhookLimits.Secrets; i++) state = Decide(state, new RotateWebhookSecret(new WebhookSecret($"whsec_{i}", null), null)).State;
        Assert.Equal(Problems.TooMany, Assert.IsType<Refused>(Decide(state, new RotateWebhookSecret(s_first, null)).Reply).Code);
        Assert.Equal([s_first], Decide(state, new RotateWebhookSecret(s_first, null), Days.Start + Duration.FromHours(24)).State.Secrets.Where(secret => secret.ExpiresAt is null));
    }

    [Fact]
    public void Key_TheSameCall_TakesEffectOnce()
    {
        var key = new IdempotencyKey("hash", "content");
        var state = Decide(Made(), new RotateWebhookSecret(s_second, key)).State;

        var again = Decide(state, new RotateWebhookSecret(s_first, key));
        Assert.Equal((true, state.Secrets), (Assert.IsType<Done>(again.Reply).Replayed, again.State.Secrets));
        Assert.Equal(Problems.IdempotencyMismatch, Assert.IsType<Refused>(Decide(state, new ReplayWebhooks(0, key with { Content = "other" })).Reply).Code);
        for (var i = 1; i < Once.MostCalls; i++) state = Decide(state, new ReplayWebhooks(0, new IdempotencyKey($"hash{i}", ""))).State;
        Assert.Equal(Problems.RateLimited, Assert.IsType<Refused>(Decide(state, new ReplayWebhooks(0, new IdempotencyKey("one more", ""))).Reply).Code);
        Assert.IsType<Done>(Decide(state, new ReplayWebhooks(0, new IdempotencyKey("one more", "")), Days.Start + Duration.FromHours(24)).Reply);
    }

    [Fact]
    public void Delete_LeavesNothing_AndWhatWasOnItsWayIsNothingToTheNextOfTheName()
    {
        var before = Reading((3, "a")).State;
        var deleted = Decide(before, new DeleteWebhookEndpoint()).State;

        Assert.Null(deleted.Url);
        Assert.Empty(deleted.Secrets);
        Assert.Equal(Problems.NotFound, Assert.IsType<Refused>(Decide(deleted, new DeleteWebhookEndpoint()).Reply).Code);
        var again = Decide(deleted, Put(head: 2)).State;
        Assert.Same(again, Tell(again, attempts: [Delivered("a", 3)], page: new FeedPage(2, 9, []), run: before.Run).State);
    }

    [Fact]
    public void Secret_IsNowhereToBeRead()
    {
        Assert.DoesNotContain(s_first.Key, Put().ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(s_first.Key, Made().ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(s_first.Key, WebhookRules.Summary(Made(), "w").ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("payment.*", true)]
    [InlineData("payment.succeeded", true)]
    [InlineData("a.b.*", true)]
    [InlineData("", false)]
    [InlineData("pay*", false)]
    [InlineData("payment.", false)]
    [InlineData("*.payment", false)]
    [InlineData("Payment.succeeded", false)]
    [InlineData("payment..x", false)]
    public void Pattern_IsAName_OrTheBeginningOfOne_OrAll(string pattern, bool isValid) => Assert.Equal(isValid, WebhookFilter.IsValid(pattern));

    [Theory]
    [InlineData("*", "payment.succeeded", true)]
    [InlineData("payment.*", "payment.succeeded", true)]
    [InlineData("payment.*", "payments.succeeded", false)]
    [InlineData("payment.*", "payment", false)]
    [InlineData("payment.succeeded", "payment.succeeded", true)]
    [InlineData("payment.succeeded", "payment.succeeded_late", false)]
    public void Pattern_Matches(string pattern, string type, bool isWanted) => Assert.Equal(isWanted, WebhookFilter.Matches([pattern], type));

    private static PutWebhookEndpoint Put(long head = 0) => new("https://a.example", ["*"], null, s_first, head);

    private static WebhookState Made() => Decide(new WebhookState(), Put()).State;

    private static Decision<WebhookState> Reading(params (long Seq, string Lane)[] met) =>
        Tell(Made(), page: new FeedPage(0, met[^1].Seq, [.. met.Select(one => new FeedEvent(one.Seq, one.Lane))]));

    private static WebhookAttempt Delivered(string lane, long seq) => new(lane, seq, WebhookOutcome.Delivered, null, 0);

    private static WebhookAttempt Failed(string lane, long seq) => new(lane, seq, WebhookOutcome.Failed, null, 0);

    private static Decision<WebhookState> Tell(WebhookState state, ImmutableArray<WebhookAttempt> attempts = default, FeedPage? page = null, Instant? at = null, long? run = null) =>
        Decide(state, new WebhookProgress(run ?? state.Run, attempts, page), at);

    private static Decision<WebhookState> Decide(WebhookState state, Message message, Instant? at = null) => WebhookRules.Decide(state, message, at ?? Days.Start, "w", WebhookSchedule.Standard);
}
