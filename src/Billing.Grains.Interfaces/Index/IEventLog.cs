using System.Text.Json;
using NodaTime;

namespace Billing.Grains.Interfaces.Index;

/// <summary>
/// The log of everything that happened, oldest first. A reader that goes on after the last number it has seen meets each
/// event exactly once: a row shows only when none with a lower number can still come.
/// </summary>
public interface IEventLog
{
    /// <summary>Reads a page.</summary>
    /// <param name="after">The last number seen; 0 reads from the beginning.</param>
    /// <param name="account">Of one account, or <see langword="null"/> for all and for events of none.</param>
    /// <param name="types">Of these types, or <see langword="null"/> for all.</param>
    /// <param name="limit">At most so many, from 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<EventPage> ReadAsync(long after, string? account, IReadOnlyCollection<string>? types, int limit, CancellationToken cancellationToken = default);

    /// <summary>The number up to which the log is complete: every event up to it shows to whoever reads after this.</summary>
    Task<long> HeadAsync(CancellationToken cancellationToken = default);
}

/// <summary>One event.</summary>
/// <param name="Seq">Its place in the whole log; grows, with gaps.</param>
/// <param name="Account">Whose event it is; <see langword="null"/>: of no account.</param>
/// <param name="AccountSeq">Its place among the account's events, from 1 without a gap.</param>
/// <param name="Type">A dotted name, in the past tense.</param>
/// <param name="OccurredAt">When the fact was met; never later than <paramref name="RecordedAt"/>.</param>
/// <param name="EffectiveAt">From when it counts.</param>
/// <param name="RecordedAt">When it was written, on the grain's own clock.</param>
/// <param name="Data">An object, or JSON's null.</param>
public sealed record EventRow(
    long Seq, string? Account, long? AccountSeq, string Type, Instant OccurredAt, Instant EffectiveAt, Instant RecordedAt, JsonElement Data);

/// <summary>A page of the log.</summary>
/// <param name="Events">Oldest first.</param>
/// <param name="Next">Where to go on: the last number of this page, or <c>after</c> where it is empty.</param>
/// <param name="HasMore">Whether the page was full, so that there may be more at once.</param>
public sealed record EventPage(IReadOnlyList<EventRow> Events, long Next, bool HasMore);
