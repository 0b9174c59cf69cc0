using System.Collections.Immutable;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>What the sandbox has to tell and has not been heard about yet. An event goes in with the change that it tells, in one transaction.</summary>
internal interface ISandboxOutbox
{
    /// <summary>
    /// Takes events that are due to be sent, of each charge the oldest alone, and leases them until <paramref name="leaseUntil"/>:
    /// after a crash another sender, or the next process, takes them again.
    /// </summary>
    Task<ImmutableArray<PendingEvent>> ClaimAsync(Instant now, Instant leaseUntil, int limit, CancellationToken cancellationToken);

    /// <summary>The receiver has acknowledged it.</summary>
    Task DeliveredAsync(PendingEvent delivered, CancellationToken cancellationToken);

    /// <summary>It was not acknowledged, and is sent again later.</summary>
    Task PostponeAsync(PendingEvent failed, Instant until, CancellationToken cancellationToken);

    /// <summary>Whether no event of a charge of this clock is left to deliver.</summary>
    Task<bool> IsQuietAsync(string clock, CancellationToken cancellationToken);
}

/// <summary>A change of a charge, to be told.</summary>
/// <param name="Id">Its id, derived from the charge and the change, by which the receiver knows it again.</param>
/// <param name="Type">One of <see cref="SandboxEventTypes"/>.</param>
/// <param name="Charge">The charge's id.</param>
/// <param name="Clock">The charge's clock.</param>
/// <param name="Status">The charge's status after the change.</param>
/// <param name="Code">The charge's code after the change.</param>
/// <param name="Amount">What was captured, is disputed, or was taken back; of a failed charge what was asked for.</param>
/// <param name="At">When it happened, on the account's clock.</param>
/// <param name="CreatedAt">When it was recorded, in real time.</param>
internal sealed record OutboxEvent(
    string Id, string Type, string Charge, string? Clock, SandboxChargeStatus Status, string? Code, Money Amount, Instant At, Instant CreatedAt);

/// <summary>An event that one sender has claimed.</summary>
/// <param name="Seq">Its place in the outbox.</param>
/// <param name="Tries">How often it has been sent, this time included.</param>
/// <param name="Event">The event.</param>
/// <param name="Charge">Its charge. It may have changed since: only what never does is told of it.</param>
internal sealed record PendingEvent(long Seq, int Tries, OutboxEvent Event, SandboxCharge Charge);
