using NodaTime;

namespace Billing.Grains.Interfaces.Webhooks;

/// <summary>
/// What was tried with each subscriber, for people to look at: the newest <see cref="Kept"/> of an endpoint, at most
/// <see cref="KeptFor"/> old. Nothing is decided by it.
/// </summary>
public interface IDeliveryLog
{
    /// <summary>So many attempts of an endpoint are kept.</summary>
    const int Kept = 1_000;

    /// <summary>An attempt is kept at most for so long.</summary>
    static readonly Duration KeptFor = Duration.FromDays(30);

    /// <summary>Adds attempts, the oldest first, and lets old ones go.</summary>
    Task AppendAsync(string endpoint, IReadOnlyList<DeliveryAttempt> attempts, CancellationToken cancellationToken = default);

    /// <summary>A page of an endpoint's attempts, newest first.</summary>
    /// <param name="endpoint">Whose.</param>
    /// <param name="limit">At most so many, from 1.</param>
    /// <param name="before">The id of the last one of the page before; <see langword="null"/> for the first page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<DeliveryPage> ReadAsync(string endpoint, int limit, long? before, CancellationToken cancellationToken = default);

    /// <summary>Lets go of what was made before an instant, of every endpoint.</summary>
    Task TrimAsync(Instant before, CancellationToken cancellationToken = default);
}

/// <summary>An attempt.</summary>
/// <param name="Id">Its place in the log; grows. 0 before it has one.</param>
/// <param name="Seq">The event.</param>
/// <param name="Account">Whose event it is; <see langword="null"/>: of no account.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Attempt">The how manieth of this event, from 1.</param>
/// <param name="At">When it was sent.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Status">The status of the answer; <see langword="null"/> where there was none.</param>
/// <param name="Error">Why there was none.</param>
public sealed record DeliveryAttempt(long Id, long Seq, string? Account, string Type, int Attempt, Instant At, Duration Took, int? Status, string? Error);

/// <summary>A page of attempts.</summary>
/// <param name="Attempts">Newest first.</param>
/// <param name="Next">Where the next page begins; <see langword="null"/> where this is the last.</param>
public sealed record DeliveryPage(IReadOnlyList<DeliveryAttempt> Attempts, long? Next);
