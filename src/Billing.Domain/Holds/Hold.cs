using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Why operations are denied, other than for nonpayment, which is derived and never set by hand. In order of precedence.</summary>
public enum HoldCategory
{
    /// <summary>A court or a contract says so; also keeps the account from being deleted and its invoices from being cancelled.</summary>
    Legal,

    /// <summary>Fraud is suspected.</summary>
    Fraud,

    /// <summary>A payment is disputed.</summary>
    Dispute,

    /// <summary>An operator's reason.</summary>
    Manual,
}

/// <summary>A reason that operations are denied. Paying does not lift it.</summary>
/// <param name="Category">Which.</param>
/// <param name="Deny">The operations that it denies; with <c>*</c>: every one.</param>
/// <param name="Reason">In words.</param>
/// <param name="Since">Since when.</param>
public sealed record Hold(HoldCategory Category, ImmutableArray<string> Deny, string Reason, Instant Since)
{
    /// <summary>Whether it denies an operation.</summary>
    public bool Denies(string operation) => Deny.Contains("*", StringComparer.Ordinal) || Deny.Contains(operation, StringComparer.Ordinal);
}

/// <summary>What an operator has switched off for an account.</summary>
/// <param name="EnforcementOffSince">Facts go on counting, and nothing follows from them, since then.</param>
/// <param name="AutoPayOffSince">No method is charged automatically since then.</param>
public sealed record AccountControls(Instant? EnforcementOffSince = null, Instant? AutoPayOffSince = null)
{
    /// <summary>Nothing is switched off.</summary>
    public static readonly AccountControls None = new();
}

/// <summary>Until its date nothing gets worse and nothing is cancelled.</summary>
public sealed record Extension(Instant Until, string Reason);

/// <summary>A dispute that is open: its method is not charged automatically, and what waits for it waits.</summary>
/// <param name="Payment">The disputed payment.</param>
/// <param name="Method">The method on file with which it was made.</param>
/// <param name="OpenedAt">Since when.</param>
public sealed record OpenDispute(string Payment, string? Method, Instant OpenedAt);

/// <summary>A notice without which a step is not taken.</summary>
/// <param name="Id">The notice's name.</param>
/// <param name="Notice">Which one.</param>
/// <param name="Standing">The standing that waits for it.</param>
/// <param name="PromisedAt">When it was sent.</param>
/// <param name="DeliveredAt">When its delivery was proved; <see langword="null"/>: not yet, or bounced.</param>
/// <param name="Sending">How often it was sent again, because it had come back.</param>
/// <param name="IsBounced">Whether the last sending came back, or was refused for good.</param>
public sealed record PromisedNotice(string Id, string Notice, string Standing, Instant PromisedAt, Instant? DeliveredAt, int Sending = 0, bool IsBounced = false);

/// <summary>Denies operations for a reason other than nonpayment.</summary>
public sealed record PutHold(HoldCategory Category, ImmutableArray<string> Deny, string Reason) : Message;

/// <summary>Lifts a hold.</summary>
public sealed record ReleaseHold(HoldCategory Category) : Message;

/// <summary>Switches parts of dunning off and on; <see langword="null"/>: unchanged.</summary>
public sealed record PutControls(bool? EnforcementOff, bool? AutoPayOff) : Message;

/// <summary>Gives an account more time.</summary>
public sealed record Extend(Instant Until, string Reason, IdempotencyKey? Key) : Message;

/// <summary>Takes the extension back.</summary>
public sealed record EndExtension : Message;

/// <summary>Moves the running episode to another policy version: recomputed now, nothing earlier.</summary>
public sealed record MoveEpisode(PolicyRef Policy, IdempotencyKey? Key) : Message;

/// <summary>A notice came back, or its proof was withdrawn.</summary>
public sealed record NoticeBounced(string Notice) : Message;

/// <summary>An operator says that a notice reached the owner another way.</summary>
public sealed record AttestNotice(string Notice, string Evidence, IdempotencyKey? Key) : Message;
