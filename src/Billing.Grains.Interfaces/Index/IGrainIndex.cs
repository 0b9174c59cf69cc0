using System.Text.Json;
using NodaTime;

namespace Billing.Grains.Interfaces.Index;

/// <summary>
/// The index of grains: what is due, what waits, and the lists. It is written in the transaction of a grain's state, so
/// it never lags and never lies.
/// </summary>
public interface IGrainIndex
{
    /// <summary>Grains of real time whose deadline is before an instant, the most overdue first.</summary>
    Task<IReadOnlyList<IndexEntry>> OverdueAsync(Instant before, int limit, CancellationToken cancellationToken = default);

    /// <summary>Grains of real time with a deadline that is worth a reminder, the nearest first.</summary>
    Task<IReadOnlyList<IndexEntry>> RemindedAsync(int limit, CancellationToken cancellationToken = default);

    /// <summary>Accounts of real time whose deadline has come and has no reminder: renewals of healthy accounts. A shard's part of them, the most overdue first.</summary>
    Task<IReadOnlyList<IndexEntry>> UnremindedAsync(Instant until, int shard, int shards, int limit, CancellationToken cancellationToken = default);

    /// <summary>Accounts that have not looked at the version of their policy that is in force.</summary>
    /// <param name="clock">On this test clock; <see langword="null"/>: in real time.</param>
    /// <param name="inForce">The version in force of each policy that has more than one.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<IndexEntry>> StaleAsync(string? clock, IReadOnlyDictionary<string, int> inForce, int limit, CancellationToken cancellationToken = default);

    /// <summary>Accounts that wait for the end of a pause of the whole installation.</summary>
    Task<IReadOnlyList<IndexEntry>> WaitingAsync(PauseKind pause, int limit, CancellationToken cancellationToken = default);

    /// <summary>Accounts that wait for a pull of a gateway's books, and to which one that began at an instant is news.</summary>
    Task<IReadOnlyList<IndexEntry>> AwaitingPullAsync(string gateway, Instant begun, int limit, CancellationToken cancellationToken = default);

    /// <summary>Whether any grain of a kind in real time has had a message open since before an instant, and none that is stuck.</summary>
    Task<bool> AnyPendingAsync(string kind, Instant before, CancellationToken cancellationToken = default);

    /// <summary>Grains of every clock with something open since before an instant of real time, the longest first; without those that have a stuck message.</summary>
    Task<IReadOnlyList<IndexEntry>> PendingAsync(Instant before, int limit, CancellationToken cancellationToken = default);

    /// <summary>Grains with a message that keeps failing, by key, after a key: they are asked for in turn, so that none holds up the others.</summary>
    Task<IReadOnlyList<IndexEntry>> StuckAsync(string after, int limit, CancellationToken cancellationToken = default);

    /// <summary>Whether a grain of a test clock has something open.</summary>
    Task<bool> AnyPendingAsync(string clock, CancellationToken cancellationToken = default);

    /// <summary>The earliest deadline on a test clock; <see langword="null"/> where there is none.</summary>
    Task<Instant?> EarliestDueAsync(string clock, CancellationToken cancellationToken = default);

    /// <summary>Grains of a test clock whose deadline is at <paramref name="until"/> or before, the earliest first.</summary>
    Task<IReadOnlyList<IndexEntry>> DueAsync(string clock, Instant until, CancellationToken cancellationToken = default);

    /// <summary>A page of a list, newest first.</summary>
    /// <exception cref="ArgumentException">A filter's name is not of lower-case letters and underscores, or the cursor is none.</exception>
    Task<IndexPage> ListAsync(IndexQuery query, CancellationToken cancellationToken = default);

    /// <summary>A page of the grains of any kind whose summary's <c>attention</c> has entries, newest first.</summary>
    /// <param name="limit">At most so many, from 1.</param>
    /// <param name="after">The cursor of the page before; <see langword="null"/> for the first page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    Task<IndexPage> AttentionAsync(int limit, string? after, CancellationToken cancellationToken = default);
}

/// <summary>One grain of the index.</summary>
/// <param name="Kind">What it is: <c>account</c>, <c>invoice</c>, <c>payment</c>, …</param>
/// <param name="Key">The whole grain key, with its prefix.</param>
/// <param name="Due">Its earliest deadline, on its own clock.</param>
/// <param name="PendingSince">Real time: since when a message or a gateway call of it is open.</param>
/// <param name="Clock">The test clock that it lives on; <see langword="null"/>: real time.</param>
/// <param name="Summary">What lists show: an object, or JSON's null.</param>
public sealed record IndexEntry(string Kind, string Key, Instant? Due, Instant? PendingSince, string? Clock, JsonElement Summary);

/// <summary>What to list.</summary>
/// <param name="Kind">Of which kind.</param>
public sealed record IndexQuery(string Kind)
{
    /// <summary>Fields of the summary and the text that each must have.</summary>
    public IReadOnlyDictionary<string, string> Where { get; init; } = new Dictionary<string, string>();

    /// <summary>A tag that must be among the summary's <c>tags</c>.</summary>
    public string? Tag { get; init; }

    /// <summary>A name that must be among the summary's <c>gateway_references</c>, which a payment with several attempts has.</summary>
    public string? GatewayReference { get; init; }

    /// <summary>At most so many, from 1.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>The cursor of the page before; <see langword="null"/> for the first page.</summary>
    public string? After { get; init; }
}

/// <summary>A page of a list.</summary>
/// <param name="Entries">Newest first.</param>
/// <param name="Next">The cursor of the next page; <see langword="null"/> where this is the last.</param>
public sealed record IndexPage(IReadOnlyList<IndexEntry> Entries, string? Next);
