using Billing.Grains.Interfaces.Index;
using Billing.Grains.Interfaces.Webhooks;

namespace Billing.Grains.Webhooks;

/// <summary>An attempt that has ended, with what is known beyond it.</summary>
/// <param name="Lane">The lane as it was when it began.</param>
/// <param name="Run">The endpoint's run then.</param>
/// <param name="Result">What the endpoint is told; <see langword="null"/>: nothing was tried.</param>
/// <param name="Note">What is noted of it.</param>
/// <param name="Rest">The lane's events after this one that are in memory.</param>
internal sealed record LaneAttempt(WebhookLane Lane, long Run, WebhookAttempt? Result, DeliveryAttempt? Note, IReadOnlyList<EventRow> Rest)
{
    /// <summary>Nothing was tried.</summary>
    public static LaneAttempt NotMade(WebhookLane lane, long run) => new(lane, run, null, null, []);
}

/// <summary>Sends the event of a lane: the first matching one after what the lane has delivered.</summary>
internal sealed class LaneSender(WebhookPorts ports)
{
    private const int OfAccount = 20;
    private const int OfNone = 500;
    private const int Gone = 410;
    private const int TooManyRequests = 429;

    /// <summary>Finds the event, sends it, and says what came of it.</summary>
    /// <param name="state">The endpoint.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="known">Its first events after what it has delivered, without a gap, as far as they are in memory.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<LaneAttempt> SendAsync(WebhookState state, WebhookLane lane, IReadOnlyList<EventRow> known, CancellationToken cancellationToken)
    {
        var rows = known.Count > 0 && known[0].Seq > lane.Delivered ? known : await ReadAsync(state, lane, cancellationToken);
        if (rows.Count == 0) return new LaneAttempt(lane, state.Run, new WebhookAttempt(lane.Id, lane.Last, WebhookOutcome.NothingLeft, RetryAfter: null, Jitter: 0), Note: null, []);

        var row = rows[0];
        var isTest = row.Account is { } account && await ports.TestAccounts.IsTestAsync(account, cancellationToken);
        var answer = await ports.Sender.SendAsync(
            new WebhookRequest(state.Url!, WebhookSignature.IdOf(row.Seq), WebhookPayload.Write(row, isTest), state.Secrets), cancellationToken);
        var result = new WebhookAttempt(lane.Id, row.Seq, OutcomeOf(answer.Status), answer.RetryAfter, ports.Chance.Below(1_001));
        var note = new DeliveryAttempt(Id: 0, row.Seq, row.Account, row.Type, lane.Failures + 1, answer.At, answer.Took, answer.Status, answer.Error);
        return new LaneAttempt(lane, state.Run, result, note, [.. result.Outcome == WebhookOutcome.Delivered ? rows.Skip(1) : rows]);
    }

    private async Task<IReadOnlyList<EventRow>> ReadAsync(WebhookState state, WebhookLane lane, CancellationToken cancellationToken)
    {
        var (account, after) = (lane.Id.Length == 0 ? null : lane.Id, lane.Delivered);
        while (after < lane.Last)
        {
            var page = await ports.Events.ReadAsync(after, account, WebhookFilter.Types(state.Events), account is null ? OfNone : OfAccount, cancellationToken);
            // Not beyond what the endpoint has met: it meets the rest by itself, and would send it once more.
            EventRow[] found = [.. page.Events.Where(row => row.Seq <= lane.Last && row.Account == account && WebhookFilter.Matches(state.Events, row.Type))];
            if (found.Length > 0 || !page.HasMore) return found;
            after = page.Next;
        }

        return [];
    }

    private static WebhookOutcome OutcomeOf(int? status) => status switch
    {
        >= 200 and <= 299 => WebhookOutcome.Delivered,
        Gone => WebhookOutcome.Gone,
        TooManyRequests => WebhookOutcome.Throttled,
        _ => WebhookOutcome.Failed,
    };
}
