using System.Text.Json;
using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Events;

/// <summary>The log of everything that happened.</summary>
internal static class EventEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder api) =>
        api.MapGet("/v1/events", ListAsync)
            .Needs(Scope.Read).Says("listEvents", "Everything that happened", "Oldest first. Whoever goes on after the last `seq` that it has seen meets each event exactly once. An account's events are numbered without a gap by `account_seq`.")
            .Takes([]).Gives<Page<EventResponse>>();

    private static Task<IResult> ListAsync(HttpContext http, IEventLog log, string? account, string? limit, string? after)
    {
        var asked = ListQuery.Read(http, "account");
        return log.PageAsync(asked, asked["account"], types: null, EventResponse.Of, http.RequestAborted);
    }
}

/// <summary>Something that happened.</summary>
/// <param name="Seq">Its place in the whole log; grows, with gaps.</param>
/// <param name="Account">Whose event it is; <c>null</c>: of no account.</param>
/// <param name="AccountSeq">Its place among the account's events, from 1 without a gap.</param>
/// <param name="Type">A dotted name, in the past tense.</param>
/// <param name="OccurredAt">When the fact was met; never later than it was recorded.</param>
/// <param name="EffectiveAt">From when it counts.</param>
/// <param name="RecordedAt">When it was durably known.</param>
/// <param name="Data">What the type says; ids, no personal data.</param>
public sealed record EventResponse(long Seq, string? Account, long? AccountSeq, string Type, Instant OccurredAt, Instant EffectiveAt, Instant RecordedAt, JsonElement Data)
{
    internal static EventResponse Of(EventRow row) =>
        new(row.Seq, row.Account, row.AccountSeq, row.Type, row.OccurredAt, row.EffectiveAt, row.RecordedAt, row.Data);
}
