using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// What is delivered next, when again, and when no more. Three sentences hold whatever fails: an account's events arrive in
/// order; each arrives at least once; <see cref="WebhookState.Cursor"/> never passes one that has not arrived.
/// </summary>
/// <remarks>
/// Implementation note: the log is read once, in order. An event whose account is not in flight gets a lane; one whose account is,
/// only moves the lane's end, and is found again by the account's own part of the log when its turn comes. So the state has
/// the size of what is in flight, whatever waits behind it, and a lane that waits for hours holds no other one up.
/// </remarks>
internal static class WebhookDeliveries
{
    /// <summary>Takes what has ended and what was read.</summary>
    public static void Progress(Draft<WebhookState> draft, WebhookProgress progress, string id, WebhookSchedule schedule)
    {
        if (progress.Run != draft.State.Run) return;
        foreach (var attempt in progress.Attempts) Take(draft, attempt, id, schedule);
        if (progress.Page is { } page) Read(draft, page);
        Begin(draft);
    }

    /// <summary>Begins what is due. What should be on its way for too long is looked for again.</summary>
    public static void Begin(Draft<WebhookState> draft)
    {
        var (state, now) = (draft.State, draft.Now);
        if (!state.IsEnabled || !state.Lanes.Any(lane => DueAt(state, lane) <= now)) return;
        draft.State = state with { Lanes = [.. state.Lanes.Select(lane => DueAt(state, lane) <= now ? Sending(lane, now) : lane)] };
    }

    /// <summary>When something is to be done about a lane.</summary>
    public static Instant DueAt(WebhookState state, WebhookLane lane) => lane.IsSending || state.QuietUntil is not { } quiet ? lane.At : Instant.Max(lane.At, quiet);

    /// <summary>Tries everything again at once, as if nothing had failed.</summary>
    public static ImmutableArray<WebhookLane> Refreshed(ImmutableArray<WebhookLane> lanes, Instant now) => [.. lanes.Select(lane => Sending(lane, now) with { Failures = 0 })];

    /// <summary>Sends nothing any more. What is in flight is kept, so that nothing is lost when it is enabled again.</summary>
    public static void Disable(Draft<WebhookState> draft, string id, WebhookDisabledReason reason)
    {
        draft.State = draft.State with
        {
            Disabled = new WebhookDisabled(draft.Now, reason),
            Lanes = [.. draft.State.Lanes.Select(lane => lane with { IsSending = false })],
        };
        if (Explain(reason) is not { } what) return;
        var entry = AttentionRules.Entry(id, "webhook_disabled", id, what, $"Mend the subscriber, then PUT /v1/webhook_endpoints/{id} with \"enabled\": true. It goes on where it stopped.", draft.Now);
        draft.Raise(entry);
    }

    private static void Take(Draft<WebhookState> draft, WebhookAttempt attempt, string id, WebhookSchedule schedule)
    {
        var state = draft.State;
        // What is at or below the lane's number was taken already: an attempt is told again when nobody knows whether it was.
        if (state.Lanes.Find(attempt.Lane) is not { } lane || attempt.Seq <= lane.Delivered) return;
        switch (attempt.Outcome)
        {
            case WebhookOutcome.Delivered or WebhookOutcome.NothingLeft:
                draft.State = state with { Lanes = After(state, lane, attempt.Seq, draft.Now) };
                break;
            case var _ when !lane.IsSending:
                break;
            case WebhookOutcome.Gone:
                Disable(draft, id, WebhookDisabledReason.Gone);
                break;
            default:
                Fail(draft, lane, attempt, id, schedule);
                break;
        }
    }

    private static ImmutableArray<WebhookLane> After(WebhookState state, WebhookLane lane, long delivered, Instant now)
    {
        if (delivered >= lane.Last) return state.Lanes.Without(lane.Id);
        var next = lane with { Delivered = delivered, Failures = 0, At = now, IsSending = false };
        return state.Lanes.With(state.IsEnabled && !state.IsQuiet(now) ? Sending(next, now) : next);
    }

    private static void Fail(Draft<WebhookState> draft, WebhookLane lane, WebhookAttempt attempt, string id, WebhookSchedule schedule)
    {
        var failed = lane with { Failures = lane.Failures + 1, IsSending = false };
        var wait = schedule.After(failed.Failures, attempt.Jitter, attempt.RetryAfter);
        draft.State = draft.State with { Lanes = draft.State.Lanes.With(wait is null ? failed : failed with { At = draft.Now + wait.Value }) };
        if (attempt.Outcome == WebhookOutcome.Throttled && attempt.RetryAfter is { } asked)
        {
            var quiet = draft.Now + Duration.Min(asked, WebhookLimits.LongestQuiet);
            draft.State = draft.State with { QuietUntil = draft.State.QuietUntil is { } known ? Instant.Max(known, quiet) : quiet };
        }

        if (wait is null) Disable(draft, id, WebhookDisabledReason.Exhausted);
    }

    /// <summary>Gives lanes to what was read, as far as there are any.</summary>
    private static void Read(Draft<WebhookState> draft, FeedPage page)
    {
        var state = draft.State;
        if (!state.IsEnabled || page.After != state.Read || state.IsQuiet(draft.Now)) return;
        var (lanes, read) = (state.Lanes, page.UpTo);
        foreach (var met in page.Events)
        {
            var lane = lanes.Find(met.Lane);
            if (lane is null && lanes.Length >= WebhookLimits.Lanes)
            {
                read = met.Seq - 1;
                break;
            }

            lanes = lanes.With(lane is null ? Sending(new WebhookLane(met.Lane, met.Seq - 1, met.Seq, Failures: 0, draft.Now, IsSending: true), draft.Now) : lane with { Last = met.Seq });
        }

        draft.State = state with { Lanes = lanes, Read = Math.Max(read, state.Read) };
    }

    private static WebhookLane Sending(WebhookLane lane, Instant now) => lane with { IsSending = true, At = now + WebhookLimits.SendingLease };

    private static string? Explain(WebhookDisabledReason reason) => reason switch
    {
        WebhookDisabledReason.Gone => "The subscriber answered 410 Gone: it wants no more events. The endpoint is disabled.",
        WebhookDisabledReason.Exhausted => "An event was tried as often as the schedule allows, and the subscriber never took it. The endpoint is disabled.",
        _ => null,
    };
}
