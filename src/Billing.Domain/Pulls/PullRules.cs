using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;

namespace Billing.Domain;

/// <summary>
/// Compares a gateway's books with ours, again and again: webhooks get lost. It goes from page to page with a cursor that
/// outlives every crash; a page that is compared twice changes nothing the second time.
/// </summary>
public static class PullRules
{
    /// <summary>How often a pull begins, where nothing else is configured.</summary>
    public static readonly Duration Every = Duration.FromMinutes(15);

    /// <summary>How far a pull looks back behind the beginning of the one before: a gateway's lists may lag, and clocks differ.</summary>
    public static readonly Duration Overlap = Duration.FromHours(1);

    /// <summary>How far the very first one looks back.</summary>
    public static readonly Duration FirstLook = Duration.FromDays(30);

    /// <summary>How long a gateway may give no answer before a human is asked.</summary>
    public static readonly Duration Patience = Duration.FromDays(1);

    /// <summary>A pull that has been under way for so long when it fails begins anew: what it read first is old.</summary>
    public static readonly Duration StaleAfter = Duration.FromHours(1);

    /// <summary>The wait after a failure, which doubles up to <see cref="Every"/>.</summary>
    public static readonly Duration FirstRetry = Duration.FromMinutes(1);

    /// <summary>How long it waits for the accounts before it looks again.</summary>
    public static readonly Duration LookAgain = Duration.FromSeconds(5);

    private const string Matter = "gateway_pull";

    /// <summary>Decides about one message. Pure.</summary>
    /// <param name="state">The pull.</param>
    /// <param name="message">What it is told.</param>
    /// <param name="now">Now, in real time.</param>
    /// <param name="gateway">Whose books.</param>
    /// <param name="every">How often a pull begins.</param>
    public static Decision<PullState> Decide(PullState state, Message message, Instant now, string gateway, Duration every)
    {
        var draft = new Draft<PullState>(state, now);
        switch (message)
        {
            case Wake or BeginPull when state is { Run: not null, DueAt: null }:
                // A page is under way.
                break;
            case Wake when state.DueAt > now:
                break;
            case Wake or BeginPull:
                GoOn(draft);
                break;
            case Recover:
                if (state is { Run: not null, DueAt: null }) Ask(draft);
                break;
            case PagePulled m when state.Run is { } run:
                draft.State = state with { Run = run with { Cursor = m.Next, Compared = run.Compared + m.Compared, ReadAt = m.Next is null ? now : null } };
                Ask(draft);
                break;
            case PullSettled { IsQuiet: true } when state.Run is { } run:
                End(draft, run, gateway, every);
                break;
            case PullSettled when state.Run is not null:
                draft.State = state with { DueAt = now + LookAgain };
                break;
            case PullFailed m when state.Run is { } run:
                Fail(draft, run, m, gateway);
                break;
            case PagePulled or PullSettled or PullFailed:
                break;
            case ResolveAttention m:
                return draft.Decide(draft.Resolve(m));
            default:
                return draft.Decide(new Refused(Problems.InvalidRequest, $"A pull does not take {message.GetType().Name}."));
        }

        return draft.Decide(new Done(gateway));
    }

    /// <summary>When the next one begins, or the present one goes on.</summary>
    public static Instant? Due(PullState state) => state.DueAt;

    /// <summary>What lists and reports see of it.</summary>
    public static JsonObject Summary(PullState state, string gateway)
    {
        var summary = new JsonObject { ["gateway"] = gateway, ["ended"] = state.LastEndedAt is { } ended ? InstantPattern.ExtendedIso.Format(ended) : null };
        if (!state.Attention.IsEmpty) summary["attention"] = AttentionRules.Summary(state.Attention);
        return summary;
    }

    private static void GoOn(Draft<PullState> draft)
    {
        var state = draft.State;
        if (state.Run is null) state = state with { Run = new PullRun(draft.Now, state.LastBegunAt is { } last ? last - Overlap : draft.Now - FirstLook) };
        draft.State = state with { DueAt = null };
        Ask(draft);
    }

    private static void Ask(Draft<PullState> draft)
    {
        var run = draft.State.Run!;
        draft.Send(Outgoing.Gateway, run.ReadAt is { } read ? new SettlePull(read) : new PullPage(run.Since, run.Cursor));
    }

    private static void End(Draft<PullState> draft, PullRun run, string gateway, Duration every)
    {
        draft.State = draft.State with
        {
            Run = null, LastBegunAt = run.BegunAt, LastEndedAt = draft.Now, LastCompared = run.Compared, FailingSince = null, Failures = 0,
            // One that took longer than the pace is followed by the next at once, and not by all that were missed.
            DueAt = Instant.Max(run.BegunAt + every, draft.Now),
        };
        draft.Clear();
        draft.Send(GrainKeys.Installation, new PullEnded(gateway, run.BegunAt));
    }

    private static void Fail(Draft<PullState> draft, PullRun run, PullFailed failed, string gateway)
    {
        var (state, now) = (draft.State, draft.Now);
        var since = state.FailingSince ?? now;
        var wait = Duration.Min(FirstRetry * Math.Pow(2, Math.Min(state.Failures, 10)), Every);
        draft.State = state with
        {
            FailingSince = since, Failures = state.Failures + 1, LastFailure = failed.Why, LastFailedAt = now, DueAt = now + wait,
            Run = now - run.BegunAt >= StaleAfter ? null : run,
        };
        if (now - since < Patience) return;
        var entry = AttentionRules.Entry(
            gateway, Matter, subject: null, $"Since {since} the books of {gateway} could not be compared with ours: {failed.Why}",
            "See that the gateway can be reached and that its key is right. Until its books are pulled, whoever has a payment or a method there is not deleted, and lost webhooks stay lost.", now);
        draft.Raise(entry);
    }
}
